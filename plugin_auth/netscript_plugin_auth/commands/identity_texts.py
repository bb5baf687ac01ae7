"""How people are shown to an operator, who decides by it: nothing that somebody chose passes for ours."""

import json
from collections.abc import Mapping
from typing import Final

from netscript_auth_core.domain import Account, AuthUser
from netscript_auth_core.errors import InvalidInputError

_ID: Final = "usr_"
_MARKS: Final = frozenset(' "\\')


def in_words(user: AuthUser) -> str:
    """Return a person with their accounts: one line, then one for each account."""
    head = [word(user.id)]
    if user.name:
        # Always quoted: a name may look like an address.
        head.append(_quoted(user.name))
    if user.email:
        head.append(word(user.email) if user.email_verified else f"{word(user.email)} (not verified)")
    return f"{'  '.join(head)}\n{''.join(map(_account, user.accounts))}"


def as_json(user: AuthUser) -> str:
    """Return a person as a line of JSON, in ASCII."""
    return f"{json.dumps(json.loads(user.to_wire()))}\n"


def word(text: str) -> str:
    """Return a plain word as it is, and any other text quoted as in JSON, nothing invisible in it."""
    return text if text and text.isprintable() and not _MARKS & set(text) else _quoted(text)


def refused(error: InvalidInputError, given: Mapping[str, str]) -> str:
    """Return what is wrong with something that the operator typed, and where to find what is right.

    Args:
        error: About one argument.
        given: What was typed, by the names of the arguments.
    """
    typed = given.get(error.field, "")
    is_none = "" if error.field == "account" or typed.startswith(_ID) else f"; ids begin with {_ID}"
    shown = " ".join(map(word, typed.split(" ")))
    return (
        f"{error.field.upper()} {shown}: {error.problem}{is_none}\n"
        "netscript auth identities list shows everybody with their ids and accounts\n"
    )


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in quoted)


def _account(account: Account) -> str:
    return f"  {word(account.provider_id):<20}  {word(account.issuer)}  {word(account.subject)}\n"
