"""What is asked of WorkOS over HTTP."""
