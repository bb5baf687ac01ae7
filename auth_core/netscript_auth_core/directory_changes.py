"""Changes of the user directory that somebody decides: two people are one, or come from another store."""

from netscript_auth_core.account_links import (
    AccountLink,
    account_key,
    email_key,
    has_email,
    joined_key,
    linkable_email,
    put_user,
    user_key,
    with_listed,
)
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.import_rules import as_imported
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

_ATTEMPTS = 8


class DirectoryChanges:
    """Each change is one commit. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort) -> None:
        self._store = store

    async def check_join(self, keep: str, other: str) -> None:
        """Return if :meth:`join` would join them, or did.

        Raises:
            InvalidInputError: an id is nobody's, or both are the same.
        """
        await self._both(keep, other)

    async def join(self, keep: str, other: str) -> AuthUser:
        """Let every account of one person lead to another, and return that one; the first is no more.

        Name, address and picture stay those of the one that is kept. Where they were joined before, nothing
        is done.

        Raises:
            InvalidInputError: as :meth:`check_join`.
        """
        for _ in range(_ATTEMPTS):
            kept, gone = await self._both(keep, other)
            user = decode_record(AuthUser, kept.value)
            if gone is None:
                return user
            moved = decode_record(AuthUser, gone.value)
            for account in moved.accounts:
                user = with_listed(user, account)
            links = await self._links_to(moved)
            here = encode_record(AccountLink(user_id=keep))
            leading = [joined_key(other), *(link.key for link in links)]
            version = await self._store.commit(
                checks=[_unchanged(each) for each in (kept, gone, *links)],
                puts=[put_user(user), *(Put(key, here) for key in leading)],
                deletes=[gone.key],
            )
            if version is not None:
                return user
        raise StoreUnavailableError(self._store.name, "the record of a person changed under every try")

    async def restore(self, user: AuthUser, *, is_rehearsal: bool = False) -> bool:
        """Keep a person of another store under the same id, and say whether anything was written.

        An address that somebody here has stays theirs. A rehearsal writes nothing, and says what would be.

        Raises:
            InvalidInputError: the person is not as one has to be, or the id, or an account, is somebody
                else's here; nothing was written.
        """
        user = as_imported(user)
        there = await self._store.get(user_key(user.id))
        if there is not None and decode_record(AuthUser, there.value) == user:
            return False
        if there is not None:
            raise InvalidInputError(user.id, "is known here, and differs")
        links = [*await self._new_accounts(user), *await self._free_addresses(user)]
        if is_rehearsal:
            return True
        here = encode_record(AccountLink(user_id=user.id))
        # Who is somebody here is joined to nobody, whatever came before.
        was_joined = joined_key(user.id)
        version = await self._store.commit(
            checks=[Check(user_key(user.id), None), *links],
            puts=[put_user(user), *(Put(link.key, here) for link in links)],
            deletes=[was_joined],
        )
        if version is None:
            raise StoreUnavailableError(self._store.name, "somebody else wrote the same person meanwhile")
        return True

    async def _new_accounts(self, user: AuthUser) -> list[Check]:
        keys = dict.fromkeys(account_key(each.issuer, each.subject) for each in user.accounts)
        for key in keys:
            if await self._store.get(key) is not None:
                raise InvalidInputError(user.id, "has an account that leads to somebody else here")
        return [Check(key, None) for key in keys]

    async def _free_addresses(self, user: AuthUser) -> list[Check]:
        """Return a person's addresses that may lead there, by the rules that the directory goes by."""
        addresses = dict.fromkeys(address for each in user.accounts if (address := linkable_email(each)))
        found = [await self._free(address) for address in addresses]
        return [check for check in found if check is not None]

    async def _free(self, address: str) -> Check | None:
        """Return that an address is as it was read; ``None`` where somebody here has it."""
        key = email_key(address)
        link = await self._store.get(key)
        if link is None:
            return Check(key, None)
        owner = await self._store.get(user_key(decode_record(AccountLink, link.value).user_id))
        if owner is not None and has_email(decode_record(AuthUser, owner.value), address):
            return None
        return _unchanged(link)

    async def _both(self, keep: str, other: str) -> tuple[Entry, Entry | None]:
        """Return the one to keep and the other; ``None`` for one who was joined to that one before."""
        if keep == other:
            raise InvalidInputError("other", "is the person to be kept")
        kept = await require_person(self._store, "keep", keep)
        joined = await self._store.get(joined_key(other))
        if joined is not None and decode_record(AccountLink, joined.value).user_id == keep:
            return kept, None
        return kept, await require_person(self._store, "other", other)

    async def _links_to(self, user: AuthUser) -> list[Entry]:
        """Return everything that leads to a person."""
        keys = [account_key(each.issuer, each.subject) for each in user.accounts]
        keys += [email_key(address) for each in user.accounts if (address := linkable_email(each))]
        found = [await self._store.get(key) for key in dict.fromkeys(keys)]
        links = [entry for entry in found if entry is not None]
        return [each for each in links if decode_record(AccountLink, each.value).user_id == user.id]


async def require_person(store: KvStorePort, field: str, user_id: str) -> Entry:
    """Return the record of a person.

    Raises:
        InvalidInputError: the id that this field has is nobody's.
    """
    entry = await store.get(user_key(user_id))
    if entry is not None:
        return entry
    joined = await store.get(joined_key(user_id))
    if joined is None:
        raise InvalidInputError(field, "nobody has this id")
    kept = decode_record(AccountLink, joined.value).user_id
    raise InvalidInputError(field, f"was joined to {kept} already")


def _unchanged(entry: Entry) -> Check:
    return Check(entry.key, entry.version)
