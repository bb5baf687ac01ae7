"""What a person has to be to come from another store: as first contact would have made them.

For what comes in only: whoever is known already is read as they are.
"""

import re
from collections.abc import Iterator
from typing import Final

from netscript_auth_core.domain import (
    MOST_EMAIL,
    MOST_ISSUER,
    MOST_NAME,
    MOST_PICTURE,
    MOST_SUBJECT,
    Account,
    AuthUser,
    visible_name,
)
from netscript_auth_core.errors import InvalidInputError

MOST_ACCOUNTS: Final = 100

_ID: Final = re.compile(r"usr_[A-Za-z0-9_-]{1,64}")
_PROVIDER_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def as_imported(user: AuthUser) -> AuthUser:
    """Return a person as they may be kept, their name without control characters.

    Raises:
        InvalidInputError: with the first field that is not as it has to be.
    """
    for field, problem in _problems(user):
        raise InvalidInputError(field, problem)
    return user.model_copy(update={"name": visible_name(user.name)})


def _problems(user: AuthUser) -> Iterator[tuple[str, str]]:
    if not _ID.fullmatch(user.id):
        yield "id", "has to be usr_ and 1 to 64 letters, digits, - or _"
    if user.created_at.utcoffset() is None:
        yield "createdAt", "has to say its time zone, such as Z"
    yield from _too_long("name", user.name, MOST_NAME)
    yield from _too_long("email", user.email, MOST_EMAIL)
    yield from _too_long("picture", user.picture, MOST_PICTURE)
    if len(user.accounts) > MOST_ACCOUNTS:
        yield "accounts", f"has to be {MOST_ACCOUNTS} at most"
    if len({(each.issuer, each.subject) for each in user.accounts}) < len(user.accounts):
        yield "accounts", "has the same issuer and subject twice"
    for position, account in enumerate(user.accounts):
        for field, problem in _account_problems(account):
            yield f"accounts.{position}.{field}", problem


def _account_problems(account: Account) -> Iterator[tuple[str, str]]:
    if not account.issuer:
        yield "issuer", "is empty"
    if not account.subject:
        yield "subject", "is empty"
    if not _PROVIDER_ID.fullmatch(account.provider_id):
        yield "providerId", "has to be 1 to 64 letters, digits, - _ or ."
    yield from _too_long("issuer", account.issuer, MOST_ISSUER)
    yield from _too_long("subject", account.subject, MOST_SUBJECT)
    yield from _too_long("email", account.email, MOST_EMAIL)


def _too_long(field: str, text: str | None, most: int) -> Iterator[tuple[str, str]]:
    if text is not None and len(text) > most:
        yield field, f"has more than {most} characters"
