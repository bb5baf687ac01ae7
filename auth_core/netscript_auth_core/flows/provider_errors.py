"""Errors by which a provider says that it is away, not that it refuses (RFC 6749 section 4.1.2.1)."""

from typing import Final

AWAY: Final = frozenset({"server_error", "temporarily_unavailable"})
