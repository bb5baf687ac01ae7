"""Reads who calls from the headers that a proxy sets when auth-api let a request pass.

Whatever leaves a doubt is nobody: a header that is there twice, or a value that auth-api never gives.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from netscript_auth_client.credentials import RawHeaders
from netscript_auth_client.reasons import NobodyReason

_USER, _EMAIL, _GROUPS = b"x-auth-request-user", b"x-auth-request-email", b"x-auth-request-groups"
_NAMES: Final = frozenset({_USER, _EMAIL, _GROUPS})
# What auth-api writes: visible ASCII without the comma, which separates groups, and joins doubled headers.
_TEXT: Final = re.compile(rb"[!-+\--~]{1,320}")
_MOST_GROUPS: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class ProxiedPrincipal:
    """Somebody for whom the proxy vouches, as the kernel sees a principal.

    Attributes:
        subject: The user's stable id.
        email: Only where the identity provider vouches that it is the person's.
        roles: As auth-api's backend gives them.
        scopes: None: no header says them.
    """

    subject: str
    email: str | None = field(default=None, repr=False)
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()


def read_identity(headers: RawHeaders) -> ProxiedPrincipal | NobodyReason:
    """Return who calls, or why that is nobody."""
    sent: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in _NAMES:
            continue
        if name in sent:
            return NobodyReason.CREDENTIAL_AMBIGUOUS
        sent[name] = value
    user, email, groups = (sent.get(name, b"") for name in (_USER, _EMAIL, _GROUPS))
    if not user:
        return NobodyReason.NO_SESSION
    roles = groups.split(b",") if groups else []
    texts = [user, *([email] if email else []), *roles]
    if len(groups) > _MOST_GROUPS or not all(map(_TEXT.fullmatch, texts)):
        return NobodyReason.IDENTITY_MALFORMED
    return ProxiedPrincipal(
        subject=user.decode("ascii"),
        email=email.decode("ascii") if email else None,
        roles=frozenset(role.decode("ascii") for role in roles),
    )
