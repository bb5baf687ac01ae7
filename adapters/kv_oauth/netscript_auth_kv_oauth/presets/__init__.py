"""What makes providers different from one another, as data: one file for each, and the schema of it."""
