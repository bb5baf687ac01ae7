"""Which accounts lead to which person: the rules, and the records that keep them."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from netscript_auth_core.domain import Account, AuthUser, ExternalIdentity
from netscript_auth_core.records import encode_record
from netscript_kernel.ids import digest
from netscript_kernel.kv.port import IndexEntry, Put


class LinkRule(StrEnum):
    """What joins an account that was never seen to a person who is known, beside issuer and subject.

    ``upstream``: the upstream that keeps the accounts lists both as one person's. ``verified-email``: both
    have the same address, which its provider verified each time. Addresses change hands, and who gets one
    gets the person's account with it.
    """

    UPSTREAM = "upstream"
    VERIFIED_EMAIL = "verified-email"


EVERYBODY: Final = "auth/users"
"""Owner of the index of all people."""

DEFAULT_LINK_RULES: Final = frozenset({LinkRule.UPSTREAM})


class AccountLink(BaseModel):
    """Stored under an (issuer, subject), an address, or the id of who is no more: whose it is, or was."""

    user_id: str


def account_of(identity: ExternalIdentity) -> Account:
    """Return the account that an identity is."""
    return Account(
        issuer=identity.issuer,
        subject=identity.subject,
        provider_id=identity.provider_id,
        email=identity.email,
        email_verified=identity.email_verified,
    )


def account_key(issuer: str, subject: str) -> str:
    """Return where the link of an account is kept."""
    return f"auth/account/{digest(issuer, subject)}"


def email_key(address: str) -> str:
    """Return where the link of an address is kept."""
    return f"auth/email/{digest(address)}"


def joined_key(user_id: str) -> str:
    """Return where it is kept with whom somebody who is no more was joined."""
    return f"auth/joined/{user_id}"


def unlinked_key(issuer: str, subject: str) -> str:
    """Return where it is kept out of whom an account was taken last."""
    return f"auth/unlinked/{digest(issuer, subject)}"


def user_key(user_id: str) -> str:
    """Return where a person is kept."""
    return f"auth/user/{user_id}"


def put_user(user: AuthUser) -> Put:
    """Return the write that keeps a person, among all in the order in which they came."""
    place = IndexEntry(EVERYBODY, user.created_at.timestamp())
    return Put(user_key(user.id), encode_record(user), index=[place])


def linkable_email(identity: ExternalIdentity | Account) -> str | None:
    """Return the address by which an account may be joined to a person; ``None`` where it has none.

    Only ASCII: other letters look alike, or become one another in lower case.
    """
    if not identity.email or not identity.email_verified or not identity.email.isascii():
        return None
    return identity.email.lower()


def has_account(user: AuthUser, identity: ExternalIdentity) -> bool:
    """Whether an identity is one of a person's accounts."""
    return (identity.issuer, identity.subject) in {_key(account) for account in user.accounts}


def has_email(user: AuthUser, address: str) -> bool:
    """Whether one of a person's accounts has a linkable address, now."""
    return any(linkable_email(account) == address for account in user.accounts)


def with_profile(user: AuthUser, identity: ExternalIdentity) -> AuthUser:
    """Take over what the provider says now; it is the newest word on name and address.

    A silent one takes nothing away: Apple gives the name with the first sign-in only. An address is kept
    only while an account has it.
    """
    account = account_of(identity)
    accounts = _with_account(user.accounts, account)
    reachable = next((known for known in (account, *accounts) if known.email), account)
    return user.model_copy(
        update={
            "name": identity.name or user.name,
            "email": reachable.email,
            "email_verified": reachable.email_verified,
            "picture": identity.picture or user.picture,
            "accounts": accounts,
        }
    )


def with_listed(user: AuthUser, account: Account) -> AuthUser:
    """Add an account that an upstream lists; what is known of it from its own provider stays."""
    if _key(account) in {_key(known) for known in user.accounts}:
        return user
    return user.model_copy(update={"accounts": (*user.accounts, account)})


def without_account(user: AuthUser, issuer: str, subject: str) -> AuthUser:
    """Take an account out, and the address with it, unless another account has the same."""
    accounts = tuple(known for known in user.accounts if _key(known) != (issuer, subject))
    if len(accounts) == len(user.accounts):
        return user
    reachable = [known for known in accounts if known.email]
    address = next((known for known in reachable if known.email == user.email), next(iter(reachable), None))
    return user.model_copy(
        update={
            "email": address.email if address else None,
            "email_verified": address is not None and address.email_verified,
            "accounts": accounts,
        }
    )


def _with_account(accounts: tuple[Account, ...], account: Account) -> tuple[Account, ...]:
    """Put an account in the place of the one that it renews, or at the end."""
    if _key(account) not in {_key(known) for known in accounts}:
        return (*accounts, account)
    return tuple(account if _key(known) == _key(account) else known for known in accounts)


def _key(account: Account) -> tuple[str, str]:
    return account.issuer, account.subject
