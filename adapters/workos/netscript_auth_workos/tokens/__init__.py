"""Access tokens: whom to believe, and what they say."""
