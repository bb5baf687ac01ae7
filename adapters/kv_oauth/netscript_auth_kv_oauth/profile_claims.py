"""From a provider's claims to what we keep of a person: few fields, each of its type and its length."""

import re
from collections.abc import Mapping
from typing import Final

from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_kv_oauth.addresses import address_problem
from netscript_auth_kv_oauth.providers import ProviderConfig

MOST_NAME_CHARACTERS: Final = 255
MOST_EMAIL_CHARACTERS: Final = 320
# One address without comment, display name or list: refuses what cannot be one, proves nothing otherwise.
_EMAIL: Final = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+")


def is_profile_complete(claims: Mapping[str, object]) -> bool:
    """Whether the id token alone says who it is, so that userinfo need not be asked."""
    return read_email(claims) is not None and read_name(claims) is not None


def read_identity(
    config: ProviderConfig, subject: str, claims: Mapping[str, object], more: Mapping[str, object]
) -> ExternalIdentity:
    """Return the identity that the claims describe. They can name no issuer, no role and no id of ours.

    Args:
        config: The provider; its configured issuer is the key, however its tokens spell it.
        subject: As checked.
        claims: Of the id token.
        more: Of userinfo, for what the id token does not say.
    """
    email_source = claims if read_email(claims) is not None else more
    email = read_email(email_source)
    return ExternalIdentity(
        issuer=config.issuer,
        subject=subject,
        provider_id=config.id,
        email=email,
        # Only true is true, and only together with the address that it is about.
        email_verified=email is not None
        and config.preset.trusts_email
        and email_source.get("email_verified") is True,
        name=read_name(claims) or read_name(more),
        picture=_picture(claims) or _picture(more),
    )


def read_email(claims: Mapping[str, object]) -> str | None:
    """Return the address, or ``None`` where no plausible one is given."""
    value = claims.get("email")
    if not isinstance(value, str) or len(value) > MOST_EMAIL_CHARACTERS or not value.isprintable():
        return None
    return value if _EMAIL.fullmatch(value) else None


def read_name(claims: Mapping[str, object]) -> str | None:
    """Return the name without control characters, cut to its length, or ``None`` where there is none."""
    value = claims.get("name")
    if not isinstance(value, str):
        return None
    visible = "".join(character if character.isprintable() else " " for character in value)
    return " ".join(visible.split())[:MOST_NAME_CHARACTERS].strip() or None


def _picture(claims: Mapping[str, object]) -> str | None:
    value = claims.get("picture")
    if not isinstance(value, str) or not value.startswith("https://"):
        return None
    return value if address_problem(value, allow_loopback_http=False) is None else None
