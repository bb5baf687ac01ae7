"""What the operator says of the better-auth server, and what may be wrong with that."""
