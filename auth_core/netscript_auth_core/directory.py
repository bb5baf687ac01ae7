"""UserDirectory: our own stable user ids, under every backend, on the key-value store.

First contact with an (issuer, subject) makes a user; later ones lead to the same user. Accounts are never
joined by e-mail address here: addresses change hands.
"""

from netscript_auth_core.domain import Account, AuthUser, ExternalIdentity
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.clock import Clock
from netscript_kernel.ids import digest, new_id
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

_ATTEMPTS = 8


class UserDirectory:
    """People and the accounts that lead to them.

    Every method raises ``StoreUnavailableError`` when the store does not answer.
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
        raise RuntimeError("a user record changed under every attempt to write it")

    async def get(self, user_id: str) -> AuthUser | None:
        """Return a person by our id, or ``None`` where there is none."""
        entry = await self._store.get(_user_key(user_id))
        return decode_record(AuthUser, entry.value) if entry else None

    async def _attempt(self, identity: ExternalIdentity) -> AuthUser | None:
        """One try; ``None`` when somebody else wrote meanwhile."""
        account_key = _account_key(identity.issuer, identity.subject)
        link = await self._store.get(account_key)
        if link is None:
            return await self._create(identity, account_key)
        user_id = link.value.decode()
        entry = await self._store.get(_user_key(user_id))
        if entry is None:
            return await self._create(identity, account_key, replaced=link)
        user = decode_record(AuthUser, entry.value)
        fresh = _with_profile(user, identity)
        if fresh == user:
            return user
        return await self._write(fresh, [Check(entry.key, entry.version)], [])

    async def _create(
        self, identity: ExternalIdentity, account_key: str, replaced: Entry | None = None
    ) -> AuthUser | None:
        user = _with_profile(AuthUser(id=new_id("usr"), created_at=self._clock.now()), identity)
        checks = [Check(account_key, replaced.version if replaced else None), Check(_user_key(user.id), None)]
        return await self._write(user, checks, [Put(account_key, user.id.encode())])

    async def _write(self, user: AuthUser, checks: list[Check], puts: list[Put]) -> AuthUser | None:
        record = Put(_user_key(user.id), encode_record(user))
        version = await self._store.commit(checks=checks, puts=[*puts, record])
        return user if version is not None else None


def _with_profile(user: AuthUser, identity: ExternalIdentity) -> AuthUser:
    """Take over what the provider says now; it is the newest word on name and address."""
    account = Account(
        issuer=identity.issuer,
        subject=identity.subject,
        provider_id=identity.provider_id,
        email=identity.email,
        email_verified=identity.email_verified,
    )
    own = (account.issuer, account.subject)
    others = tuple(known for known in user.accounts if (known.issuer, known.subject) != own)
    return user.model_copy(
        update={
            "name": identity.name,
            "email": identity.email,
            "email_verified": identity.email_verified,
            "picture": identity.picture,
            "accounts": (*others, account),
        }
    )


def _account_key(issuer: str, subject: str) -> str:
    return f"auth/account/{digest(issuer, subject)}"


def _user_key(user_id: str) -> str:
    return f"auth/user/{user_id}"
