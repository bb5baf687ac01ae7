"""Trades refresh tokens for their successors: once, for everybody who asks."""
