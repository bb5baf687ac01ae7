"""A WorkOS user in the words of the core, with the accounts that WorkOS lists for the same person."""

from collections.abc import Mapping, Sequence
from typing import Final

from netscript_auth_core.domain import (
    MOST_EMAIL,
    MOST_NAME,
    MOST_PICTURE,
    MOST_SUBJECT,
    ExternalIdentity,
)
from netscript_auth_workos.naming import PROVIDER

# Only providers that know a person by the same id whoever asks: where it differs for each client (Microsoft,
# LinkedIn), or the issuer cannot be told (Okta, Entra behind a connection), equal text would prove nothing.
_ISSUERS: Final[Mapping[str, str]] = {
    "appleoauth": "https://appleid.apple.com",
    "githuboauth": "https://github.com",
    "gitlaboauth": "https://gitlab.com",
    "googleoauth": "https://accounts.google.com",
}


def identity_of(issuer: str, subject: str, user: Mapping[str, object]) -> ExternalIdentity:
    """Return a person.

    Args:
        issuer: Names the environment.
        subject: The user's id.
        user: As the API or a sealed cookie has it; what is too long or no text is left out.
    """
    email = _text(user, "email", MOST_EMAIL)
    names = (_text(user, "first_name", MOST_NAME), _text(user, "last_name", MOST_NAME))
    return ExternalIdentity(
        issuer=issuer,
        subject=subject,
        provider_id=PROVIDER,
        email=email,
        email_verified=email is not None and user.get("email_verified") is True,
        name=" ".join(filter(None, names))[:MOST_NAME] or None,
        picture=_text(user, "profile_picture_url", MOST_PICTURE),
    )


def linked_accounts(identities: Sequence[tuple[str, str]]) -> list[ExternalIdentity]:
    """Return the accounts at other providers, of those whose ids mean the same everywhere.

    Args:
        identities: WorkOS's name of the provider, and the id there.
    """
    known = [(_ISSUERS.get(provider.lower()), subject) for provider, subject in identities]
    return [
        ExternalIdentity(issuer=issuer, subject=subject, provider_id=PROVIDER)
        for issuer, subject in known
        if issuer is not None and 0 < len(subject) <= MOST_SUBJECT
    ]


def _text(user: Mapping[str, object], name: str, most: int) -> str | None:
    value = user.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= most else None
