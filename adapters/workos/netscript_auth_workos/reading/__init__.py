"""From a request to who asks."""
