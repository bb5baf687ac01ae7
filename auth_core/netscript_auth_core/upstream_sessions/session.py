"""A session as its upstream shows it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from netscript_auth_core.domain import Device, ExternalIdentity

ListAccounts: TypeAlias = Callable[[], Awaitable[Sequence[ExternalIdentity]]]
"""Asks an upstream which accounts it lists as one person's."""


@dataclass(frozen=True, slots=True)
class UpstreamSession:
    """A session that its upstream has just vouched for.

    Attributes:
        handle: Names it, and lets nobody in: an id of the upstream's, or the digest of its token. 1 to 128
            characters of ``[A-Za-z0-9._~-]``.
        identity: Whose it is there. What is not known this time should be as it was told before, or each
            contact looks like a change.
        idle_expires_at: Ends then unless used before; may move on.
        expires_at: Ends then, as far as the upstream says now.
        credential: What acts for the session upstream; kept sealed.
    """

    handle: str
    identity: ExternalIdentity
    created_at: datetime
    idle_expires_at: datetime
    expires_at: datetime
    scopes: tuple[str, ...] = ()
    device: Device = field(default_factory=Device)
    credential: bytes | None = field(default=None, repr=False)
