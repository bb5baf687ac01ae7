"""A person's own sessions, to list and to end."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from netscript_auth_core.domain import Device
from netscript_kernel.contracts import WireModel


class OwnSession(WireModel):
    """One of one's own sessions."""

    handle: str
    provider_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    device: Device
    current: bool


class SessionsView(WireModel):
    """One's own active sessions, newest first."""

    sessions: tuple[OwnSession, ...]


class SessionHandle(WireModel):
    """Names one of one's own sessions."""

    handle: str = Field(min_length=1, max_length=128)


class SessionRevoked(WireModel):
    """The session is over."""

    revoked: Literal[True] = True
