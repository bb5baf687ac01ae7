"""auth-api: one API over whichever identity backend is configured.

``create_auth_app()`` makes the application from the environment; ``create_auth_service(...)`` from parts.
"""
