"""Sessions of WorkOS as the port has them."""
