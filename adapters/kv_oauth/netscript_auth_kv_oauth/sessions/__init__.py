"""Sessions: the port, their storage, their bytes, their use, their end."""
