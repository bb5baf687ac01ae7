"""Signed tokens of others: taken apart, and verified by published keys. Needs the extra ``jose``."""
