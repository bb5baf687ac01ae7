"""workos: sessions of WorkOS AuthKit, sealed in the application's cookie or as access tokens.

The service finds it as the entry point ``workos`` and configures it by ``WORKOS_*``.
"""
