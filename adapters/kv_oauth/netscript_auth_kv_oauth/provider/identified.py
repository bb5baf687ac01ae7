"""Who somebody is at a provider, and what it says of their sign-in there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from netscript_auth_core.domain import ExternalIdentity

MOST_SID: Final = 255


@dataclass(frozen=True, slots=True)
class Identified:
    """A person who was identified by tokens.

    Attributes:
        sid: Names their session at the provider, for its logout tokens (OpenID Connect Front-Channel Logout
            1.0 section 3); ``None`` where it does not say.
        authenticated_at: When they showed the provider who they are; ``None`` where it does not say.
    """

    identity: ExternalIdentity
    sid: str | None = field(default=None, repr=False)
    authenticated_at: datetime | None = None


def read_sid(value: object) -> str | None:
    """Return the ``sid`` of an id token; one that no logout token could name is none."""
    is_good = isinstance(value, str) and 0 < len(value) <= MOST_SID
    return str(value) if is_good else None
