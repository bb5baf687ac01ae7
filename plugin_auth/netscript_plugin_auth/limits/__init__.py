"""How often one client may ask for what costs or creates something."""
