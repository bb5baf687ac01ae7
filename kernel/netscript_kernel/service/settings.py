"""What a service is called, and what its operator decided. A capability fills these from its own settings."""

import re
from dataclasses import dataclass
from datetime import timedelta

from netscript_kernel.profile import Profile

__all__ = ["Profile", "ServiceInfo", "ServiceSettings"]

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?")
_HOST = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """What a service says of itself at ``/`` and in its OpenAPI document."""

    name: str
    version: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """How a service behaves towards the outside. Everything is closed until it is given.

    Attributes:
        profile: ``development`` makes logs readable and leaves HSTS out; nothing else becomes laxer.
        allowed_hosts: Values of ``Host`` that are answered, in lower case; without a port any port will
            do. ``None`` answers every host: only for a service behind something that checks it already.
        host_advice: Where an operator says which hosts are answered. Told to anybody who asks for another
            one, so it names no host.
        allowed_origins: Exact origins whose pages may call with credentials; never ``*``.
        docs: Whether ``/api/openapi.json`` and ``/api/docs`` are there.
        access_log_hot: Whether hot routes write access log lines too.
        is_behind_https: Whether a proxy ends TLS in front, so that HSTS is right on a plain connection.
        drain_limit: How long a stop waits for requests in flight.
        body_limit: Largest request body, in bytes.
        body_patience: How long a request body may take to arrive.
    """

    profile: Profile = "production"
    allowed_hosts: frozenset[str] | None = frozenset()
    host_advice: str = ""
    allowed_origins: frozenset[str] = frozenset()
    docs: bool = True
    access_log_hot: bool = False
    is_behind_https: bool = False
    drain_limit: timedelta = timedelta(seconds=20)
    body_limit: int = 64 * 1024
    body_patience: timedelta = timedelta(seconds=10)

    def __post_init__(self) -> None:
        """Refuse what would open more than it says.

        Raises:
            ValueError: an origin or host that no browser would send in this form.
        """
        for origin in self.allowed_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an exact origin such as https://app.acme.example")
        for host in self.allowed_hosts or ():
            if not _HOST.fullmatch(host):
                raise ValueError(f"{host!r} is not a host such as auth.acme.example or localhost:8094")
        if self.body_limit < 0 or min(self.drain_limit, self.body_patience) < timedelta(0):
            raise ValueError("body_limit, body_patience and drain_limit are not negative")
