"""Where each session comes from: whose it is at its provider, and by which session there.

So that the provider can end it: its logout tokens name a person, a session of theirs, or both.
"""

from collections.abc import AsyncIterator
from typing import Final

from pydantic import BaseModel, ConfigDict

from netscript_auth_core.domain import AuthSession, ExternalIdentity
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.ids import digest
from netscript_kernel.kv.port import Entry, IndexEntry, KvStorePort, Put

_PLACE: Final = "auth/origin/"
_PAGE: Final = 1000


class OriginRecord(BaseModel):
    """The stored form.

    Attributes:
        subject: Digest of the issuer and of the person's id there.
        sid: Digest of the issuer and of its name for the session; also ``None`` in records from before it was
            kept here, which are found by it nevertheless.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    subject: str
    sid: str | None = None

    def is_of(self, issuer: str, subject: str) -> bool:
        """Whether the session began by this account."""
        return self.subject == _subject(issuer, subject)


class Origins:
    """Origins of sessions, by digests only. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort) -> None:
        self._store = store

    async def of_person(self, issuer: str, subject: str) -> list[str]:
        """Return the handles of sessions that somebody has through an account at an issuer."""
        owner = _owner_of_subject(_subject(issuer, subject))
        return [_handle(entry) async for entry in self._owned(owner)]

    async def of_sid(self, issuer: str, sid: str, subject: str | None) -> list[str]:
        """Return the handles of sessions that began by one session at an issuer.

        Args:
            issuer: Who vouched.
            sid: Its name for the session.
            subject: Whose alone; ``None`` for whose ever.
        """
        wanted = _subject(issuer, subject) if subject is not None else None
        return [
            _handle(entry)
            async for entry in self._owned(_owner_of_sid(_sid(issuer, sid)))
            if wanted in (None, decode_record(OriginRecord, entry.value).subject)
        ]

    async def is_known(self, handle: str) -> bool:
        """Whether it is known where a session comes from; of those from before this was kept it is not."""
        return await self._store.get(origin_key(handle)) is not None

    async def read(self, handle: str) -> OriginRecord | None:
        """Return where a session comes from, or ``None`` where that is not known."""
        entry = await self._store.get(origin_key(handle))
        return decode_record(OriginRecord, entry.value) if entry is not None else None

    async def _owned(self, owner: str) -> AsyncIterator[Entry]:
        after: str | None = None
        while True:
            page = await self._store.list_owned(owner, limit=_PAGE, after=after)
            for entry in page:
                yield entry
            if len(page) < _PAGE:
                return
            after = page[-1].key


def origin_key(handle: str) -> str:
    """Return where the origin of a session is kept."""
    return f"{_PLACE}{handle}"


def put_origin(session: AuthSession, identity: ExternalIdentity, sid: str | None) -> Put:
    """Return the write of where a new session comes from."""
    subject = _subject(identity.issuer, identity.subject)
    named = _sid(identity.issuer, sid) if sid is not None else None
    return put_origin_record(session, OriginRecord(subject=subject, sid=named))


def put_origin_record(session: AuthSession, origin: OriginRecord) -> Put:
    """Return the write of where a session comes from; it is kept as long as the session may live."""
    rank = session.created_at.timestamp()
    owners = [_owner_of_subject(origin.subject)]
    if origin.sid is not None:
        owners.append(_owner_of_sid(origin.sid))
    return Put(
        origin_key(session.handle),
        encode_record(origin),
        session.expires_at,
        tuple(IndexEntry(owner, rank) for owner in owners),
    )


def _handle(entry: Entry) -> str:
    return entry.key.removeprefix(_PLACE)


def _subject(issuer: str, subject: str) -> str:
    return digest("origin-subject", issuer, subject)


def _owner_of_subject(subject: str) -> str:
    return f"auth/origins-of-subject/{subject}"


def _sid(issuer: str, sid: str) -> str:
    return digest("origin-sid", issuer, sid)


def _owner_of_sid(sid: str) -> str:
    return f"auth/origins-of-sid/{sid}"
