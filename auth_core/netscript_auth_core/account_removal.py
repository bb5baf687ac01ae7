"""Takes an account out of a person, so that it opens nothing of theirs any more, whoever lists it."""

from typing import NamedTuple

from netscript_auth_core.account_links import (
    AccountLink,
    account_key,
    put_user,
    unlinked_key,
    without_account,
)
from netscript_auth_core.directory_changes import require_person
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

_ATTEMPTS = 8


class _Found(NamedTuple):
    """A person as read, and as they are without the account; the same where it was taken out before."""

    entry: Entry
    before: AuthUser
    after: AuthUser


class AccountRemoval:
    """Each removal is one commit. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort) -> None:
        self._store = store

    async def check(self, user_id: str, issuer: str, subject: str) -> None:
        """Return if :meth:`remove` would take the account out, or did.

        Raises:
            InvalidInputError: nobody has this id, or the account is none of theirs, or their only one.
        """
        await self._find(user_id, issuer, subject)

    async def remove(self, user_id: str, issuer: str, subject: str) -> AuthUser:
        """Take an account out of a person, and return them without it.

        Whoever signs in with it next is somebody new. It is remembered, so that neither an upstream's list
        nor an address joins the account to anybody again; where it was taken out before, nothing is done.

        Raises:
            InvalidInputError: as :meth:`check`.
        """
        for _ in range(_ATTEMPTS):
            found = await self._find(user_id, issuer, subject)
            if found.after == found.before:
                return found.after
            link = await self._store.get(account_key(issuer, subject))
            is_theirs = link is not None and decode_record(AccountLink, link.value).user_id == user_id
            mark = Put(unlinked_key(issuer, subject), encode_record(AccountLink(user_id=user_id)))
            version = await self._store.commit(
                checks=[
                    Check(found.entry.key, found.entry.version),
                    Check(account_key(issuer, subject), link.version if link else None),
                ],
                puts=[put_user(found.after), mark],
                deletes=[account_key(issuer, subject)] if is_theirs else [],
            )
            if version is not None:
                return found.after
        raise StoreUnavailableError(self._store.name, "the record of a person changed under every try")

    async def _find(self, user_id: str, issuer: str, subject: str) -> _Found:
        entry = await require_person(self._store, "user", user_id)
        user = decode_record(AuthUser, entry.value)
        after = without_account(user, issuer, subject)
        if after == user and not await self._was_removed(user_id, issuer, subject):
            raise InvalidInputError("account", "is none of this person's")
        if not after.accounts:
            raise InvalidInputError("account", "is the only one of this person: nobody could be them again")
        return _Found(entry, user, after)

    async def _was_removed(self, user_id: str, issuer: str, subject: str) -> bool:
        mark = await self._store.get(unlinked_key(issuer, subject))
        return mark is not None and decode_record(AccountLink, mark.value).user_id == user_id
