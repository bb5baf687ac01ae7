"""Tries the known ways around a sign-in at the operator's own proxy, and tells which of them work."""
