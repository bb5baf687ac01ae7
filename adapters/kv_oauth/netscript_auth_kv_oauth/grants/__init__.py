"""What providers granted: sealed, refreshed, sealed anew under another key."""
