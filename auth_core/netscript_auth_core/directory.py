"""UserDirectory: our own stable user ids, under every backend, on the key-value store.

First contact with an (issuer, subject) makes a user; later ones lead to the same user. Accounts are never
joined by e-mail address here: addresses change hands.
"""

from typing import NamedTuple

from pydantic import BaseModel

from netscript_auth_core.domain import Account, AuthUser, ExternalIdentity
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.ids import digest, new_id
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

_ATTEMPTS = 8


class AccountLink(BaseModel):
    """Stored under an (issuer, subject): whose account it is."""

    user_id: str


class KnownUser(NamedTuple):
    """A person as read, with the version of the record."""

    user: AuthUser
    version: int


class UserDirectory:
    """People and the accounts that lead to them.

    Every method raises ``StoreUnavailableError`` when the store does not answer, and ``StoreCorruptError``
    where it holds a record that this version cannot read.
    """

    def __init__(self, store: KvStorePort, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def resolve(self, identity: ExternalIdentity) -> AuthUser:
        """Return the person that this identity leads to, made on first contact, with fresh profile data.

        Two first contacts at once yield one person: the loser of the race reads the winner's.
        """
        for _ in range(_ATTEMPTS):
            user = await self._attempt(identity)
            if user is not None:
                return user
        raise StoreUnavailableError(self._store.name, "the record of a user changed under every try")

    async def get(self, user_id: str) -> AuthUser | None:
        """Return a person by our id, or ``None`` where there is none."""
        entry = await self._store.get(_user_key(user_id))
        return decode_record(AuthUser, entry.value) if entry else None

    async def get_newer(self, user_id: str, version: int) -> KnownUser | None:
        """Return a person whose record is not of this version; ``None`` where it is, or there is none."""
        entry = await self._store.get(_user_key(user_id))
        if entry is None or entry.version == version:
            return None
        return KnownUser(decode_record(AuthUser, entry.value), entry.version)

    async def _attempt(self, identity: ExternalIdentity) -> AuthUser | None:
        """One try; ``None`` when somebody else wrote meanwhile."""
        account_key = _account_key(identity.issuer, identity.subject)
        link = await self._store.get(account_key)
        if link is None:
            return await self._create(identity, account_key)
        user_id = decode_record(AccountLink, link.value).user_id
        entry = await self._store.get(_user_key(user_id))
        if entry is None:
            return await self._create(identity, account_key, replaced=link)
        user = decode_record(AuthUser, entry.value)
        fresh = _with_profile(user, identity)
        if fresh == user:
            return user
        return await self._write(fresh, [_unchanged(link), _unchanged(entry)], [])

    async def _create(
        self, identity: ExternalIdentity, account_key: str, replaced: Entry | None = None
    ) -> AuthUser | None:
        user = _with_profile(AuthUser(id=new_id("usr"), created_at=self._clock.now()), identity)
        link = Put(account_key, encode_record(AccountLink(user_id=user.id)))
        is_unclaimed = _unchanged(replaced) if replaced else Check(account_key, None)
        return await self._write(user, [is_unclaimed, Check(_user_key(user.id), None)], [link])

    async def _write(self, user: AuthUser, checks: list[Check], puts: list[Put]) -> AuthUser | None:
        record = Put(_user_key(user.id), encode_record(user))
        version = await self._store.commit(checks=checks, puts=[*puts, record])
        return user if version is not None else None


def _with_profile(user: AuthUser, identity: ExternalIdentity) -> AuthUser:
    """Take over what the provider says now; it is the newest word on name and address.

    A silent one takes nothing away: Apple gives the name with the first sign-in only. An address is kept
    only while an account has it.
    """
    account = Account(
        issuer=identity.issuer,
        subject=identity.subject,
        provider_id=identity.provider_id,
        email=identity.email,
        email_verified=identity.email_verified,
    )
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


def _with_account(accounts: tuple[Account, ...], account: Account) -> tuple[Account, ...]:
    """Put an account in the place of the one that it renews, or at the end."""
    key = (account.issuer, account.subject)
    if key not in {(known.issuer, known.subject) for known in accounts}:
        return (*accounts, account)
    return tuple(account if (known.issuer, known.subject) == key else known for known in accounts)


def _unchanged(entry: Entry) -> Check:
    return Check(entry.key, entry.version)


def _account_key(issuer: str, subject: str) -> str:
    return f"auth/account/{digest(issuer, subject)}"


def _user_key(user_id: str) -> str:
    return f"auth/user/{user_id}"
