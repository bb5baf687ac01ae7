"""Who is signed in, as headers for the service behind a proxy.

All of them are in each answer that lets a request pass, empty where there is nothing to say: a proxy then
overwrites whatever the client sent under these names.
"""

import re
from collections.abc import Sequence

from netscript_auth_core.domain import Principal
from netscript_auth_core.ports import Identity
from netscript_kernel.service.answers import Header

USER, EMAIL, GROUPS = b"x-auth-request-user", b"x-auth-request-email", b"x-auth-request-groups"
# Visible ASCII without the comma, which separates groups, and values of headers that are there twice.
_TEXT = re.compile(r"[!-+\--~]{1,320}")


def identity_headers(identity: Identity, principal: Principal) -> Sequence[Header]:
    """Return the headers of a person who may pass.

    An address is told only where the provider vouches for it: services take it for who somebody is. What
    cannot stand in a header is left out, and a person whose id cannot is nobody.

    Raises:
        ValueError: the id of the person cannot stand in a header.
    """
    user = identity.user
    if not _TEXT.fullmatch(user.id):
        raise ValueError("the id of a person holds characters that no header can carry")
    email = user.email if user.email_verified else None
    groups = [role for role in principal.roles if _TEXT.fullmatch(role)]
    return (
        (USER, user.id.encode()),
        (EMAIL, email.encode() if email is not None and _TEXT.fullmatch(email) else b""),
        (GROUPS, ",".join(groups).encode()),
    )
