"""Short-lived tokens by which services behind auth-api know who asks, without asking it."""
