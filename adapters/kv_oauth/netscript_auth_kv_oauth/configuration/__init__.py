"""Which providers there are and how they are set up, from the environment or from code."""
