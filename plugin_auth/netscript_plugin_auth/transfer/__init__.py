"""Sessions on their way to another store: sealed line by line, under a key made for that one way."""
