"""Sign-out together with the provider."""
