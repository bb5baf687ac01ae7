"""UserDirectory: our own stable user ids, under every backend, on the key-value store.

First contact with an (issuer, subject) makes a user, or joins one by the rules that the operator declared;
later ones lead to the same user. Accounts that already lead to different people are never joined here: which
of them is right is for somebody to say.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from netscript_auth_core.account_links import (
    DEFAULT_LINK_RULES,
    EVERYBODY,
    AccountLink,
    LinkRule,
    account_key,
    email_key,
    has_email,
    linkable_email,
    put_user,
    unlinked_key,
    user_key,
)
from netscript_auth_core.contact import Claim, Contact, KnownUser
from netscript_auth_core.domain import AuthUser, ExternalIdentity
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.ids import new_id
from netscript_kernel.kv.port import Check, KvStorePort, Put

_ATTEMPTS = 8
_AT_ONCE = 1000


class UserDirectory:
    """People and the accounts that lead to them.

    Every method raises ``StoreUnavailableError`` when the store does not answer, and ``StoreCorruptError``
    where it holds a record that this version cannot read.

    Args:
        link_by: What joins an account to a person who is known, beside issuer and subject.
    """

    def __init__(
        self, store: KvStorePort, clock: Clock, *, link_by: frozenset[LinkRule] = DEFAULT_LINK_RULES
    ) -> None:
        self._store = store
        self._clock = clock
        self._link_by = link_by

    async def resolve(self, identity: ExternalIdentity, linked: Sequence[ExternalIdentity] = ()) -> AuthUser:
        """Return the person that this identity leads to, made on first contact, with fresh profile data.

        Two first contacts at once yield one person: the loser of the race reads the winner's.

        Args:
            identity: What the provider, or the upstream, says.
            linked: Accounts that the upstream lists as this person's too. Those that lead to nobody yet lead
                here from now on; those of somebody else, and those that somebody took out of a person, are
                left alone.
        """
        for _ in range(_ATTEMPTS):
            user = await self._attempt(identity, linked if LinkRule.UPSTREAM in self._link_by else ())
            if user is not None:
                return user
        raise StoreUnavailableError(self._store.name, "the record of a user changed under every try")

    async def get(self, user_id: str) -> AuthUser | None:
        """Return a person by our id, or ``None`` where there is none."""
        known = await self._known(user_id)
        return known.user if known else None

    async def find(self, issuer: str, subject: str) -> AuthUser | None:
        """Return whom an account leads to, or ``None`` where that is nobody; nobody is made by it."""
        claim = await self._claim(account_key(issuer, subject))
        return claim.known.user if claim.known is not None else None

    async def get_newer(self, user_id: str, version: int) -> KnownUser | None:
        """Return a person whose record is not of this version; ``None`` where it is, or there is none."""
        entry = await self._store.get(user_key(user_id))
        if entry is None or entry.version == version:
            return None
        return KnownUser(decode_record(AuthUser, entry.value), entry.version)

    async def page(self, *, limit: int = 100, after: str | None = None) -> Sequence[AuthUser]:
        """Return people in the order in which they came, ``after`` the one with this id."""
        cursor = user_key(after) if after is not None else None
        entries = await self._store.list_owned(EVERYBODY, limit=limit, after=cursor)
        return [decode_record(AuthUser, entry.value) for entry in entries]

    async def everybody(self) -> AsyncIterator[AuthUser]:
        """Yield all people in the order in which they came, of whom only a page is read at once."""
        after = None
        while page := await self.page(limit=_AT_ONCE, after=after):
            for user in page:
                yield user
            after = page[-1].id

    async def _attempt(
        self, identity: ExternalIdentity, linked: Sequence[ExternalIdentity]
    ) -> AuthUser | None:
        """One try; ``None`` when somebody else wrote meanwhile."""
        contact = await self._read(identity, linked)
        home = contact.find_home()
        before = home.user if home else AuthUser(id=new_id("usr"), created_at=self._clock.now())
        user, unclaimed = contact.applied_to(before), contact.unclaimed
        if home is not None and user == before and not unclaimed:
            return user
        link = encode_record(AccountLink(user_id=user.id))
        is_as_read = [claim.check for claim in {contact.own, *unclaimed}]
        is_same_user = Check(user_key(user.id), home.version if home else None)
        puts = [Put(claim.key, link) for claim in unclaimed]
        return await self._write(user, [*is_as_read, is_same_user], puts)

    async def _read(self, identity: ExternalIdentity, linked: Sequence[ExternalIdentity]) -> Contact:
        own = await self._account(identity)
        others = {account_key(each.issuer, each.subject): each for each in linked}
        others.pop(own.key, None)
        listed = [(await self._account(each), each) for each in others.values()]
        return Contact(identity, own, listed, await self._address(identity))

    async def _account(self, identity: ExternalIdentity) -> Claim:
        claim = await self._claim(account_key(identity.issuer, identity.subject))
        if claim.known is not None:
            return claim
        mark = await self._store.get(unlinked_key(identity.issuer, identity.subject))
        return replace(claim, was_removed=mark is not None)

    async def _claim(self, key: str) -> Claim:
        link = await self._store.get(key)
        if link is None:
            return Claim(key, None, None)
        return Claim(key, link, await self._known(decode_record(AccountLink, link.value).user_id))

    async def _address(self, identity: ExternalIdentity) -> Claim | None:
        """Return who is known by this address, as long as one of the person's accounts still has it."""
        address = linkable_email(identity) if LinkRule.VERIFIED_EMAIL in self._link_by else None
        if address is None:
            return None
        claim = await self._claim(email_key(address))
        if claim.known is not None and not has_email(claim.known.user, address):
            return Claim(claim.key, claim.link, None)
        return claim

    async def _known(self, user_id: str) -> KnownUser | None:
        entry = await self._store.get(user_key(user_id))
        return KnownUser(decode_record(AuthUser, entry.value), entry.version) if entry else None

    async def _write(self, user: AuthUser, checks: list[Check], puts: list[Put]) -> AuthUser | None:
        version = await self._store.commit(checks=checks, puts=[*puts, put_user(user)])
        return user if version is not None else None
