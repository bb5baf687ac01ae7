"""What we keep of sessions that an upstream keeps, for backends whose sessions live elsewhere."""

from netscript_auth_core.upstream_sessions.session import ListAccounts, UpstreamSession
from netscript_auth_core.upstream_sessions.sessions import SEEN_EVERY, UpstreamSessions

__all__ = ["SEEN_EVERY", "ListAccounts", "UpstreamSession", "UpstreamSessions"]
