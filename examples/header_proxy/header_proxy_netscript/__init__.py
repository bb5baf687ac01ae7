"""``NETSCRIPT_AUTH_BACKEND=header-proxy``: people whom an authenticating proxy lets in, such as oauth2-proxy.

The proxy says who is there in ``X-Forwarded-User`` and ``X-Forwarded-Email``. Anybody can send such headers,
so they count only on connections from the networks that the operator lists.
"""

from header_proxy_netscript.backend import HeaderProxyBackend, definition
from header_proxy_netscript.settings import HeaderProxySettings

__all__ = ["HeaderProxyBackend", "HeaderProxySettings", "definition"]
