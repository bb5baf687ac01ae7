"""The mode in which the server is asked about every request, and manages its sessions for us."""
