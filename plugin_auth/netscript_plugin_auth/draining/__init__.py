"""Swapping the backend signs nobody out: sessions of earlier ones are honoured until they end."""
