"""auth-api on one's own machine: what runs, side by side, and what is filled in where nothing is named."""
