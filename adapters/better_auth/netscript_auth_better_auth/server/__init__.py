"""What is asked of the better-auth server, and what is believed of its answers."""
