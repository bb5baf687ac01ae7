"""What is asked of one provider, and what is believed of its answers; brought in by the first sign-in."""
