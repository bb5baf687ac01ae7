"""Who calls: somebody, nobody, or somebody who may not come in. "Could not find out" is none of them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from netscript_auth_core.domain import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody is signed in.

    Attributes:
        principal: Who acts: the user's stable id, scopes and roles.
        name: How the person is called, where that is known.
        email: Only where the identity provider vouches that it is the person's.
        authenticated_at: When the person showed who they are, as opposed to coming back; ``None`` where their
            identity provider did not prove it.
        expires_at: When the session or the token ends, at the latest.
        cookies: Whole ``Set-Cookie`` values for the browser, where a credential was renewed on the way.
    """

    principal: Principal
    name: str | None = None
    email: str | None = None
    authenticated_at: datetime | None
    expires_at: datetime
    cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody is signed in.

    Attributes:
        reason: Why: one of auth-api, such as ``session_expired``, or one of :class:`NobodyReason`.
        cookies: As :class:`Caller` has them, such as one that is deleted.
    """

    reason: str
    cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """The credential is good, but does not let its holder in.

    Attributes:
        reason: Why, such as ``account_disabled``.
        cookies: As :class:`Caller` has them.
    """

    reason: str
    cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


Outcome: TypeAlias = Caller | Nobody | Denied
