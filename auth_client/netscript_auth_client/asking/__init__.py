"""The mode in which auth-api is asked about each request."""
