"""What an operator configures."""
