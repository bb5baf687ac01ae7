"""What happened, kept for a while, so that an operator can look up one request."""
