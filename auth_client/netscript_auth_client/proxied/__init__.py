"""The mode for services behind a proxy that asks auth-api: its identity headers, and nobody else's."""
