"""What a provider granted at a sign-in, sealed, in a record of its own: the check never reads it."""

import logging
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_kv_oauth.sessions.session_records import NEVER
from netscript_kernel.errors import SealError, StoreCorruptError
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Entry, KvStorePort, Put

_log = logging.getLogger("netscript.auth.kv_oauth")

_PURPOSE: Final = "auth/grant"
_PLACE: Final = "auth/grant/"


class Grant(BaseModel):
    """What it takes to refresh what a provider granted, for one session; other tokens are not kept.

    Attributes:
        provider_id: Who granted.
        issuer: Its issuer.
        subject: The person there; a refreshed grant must be about the same one.
        account_issuer: Who vouches for that person, where it is not ``issuer`` itself.
        refresh_token: The latest one; ``None`` where only the id token is kept.
        expires_at: When the access token that came with it ends; ``None`` where the provider did not say.
        scopes: As granted.
        id_token: The latest one, where browsers are signed out at the provider, too.
        serial: How often it was refreshed: names its refresh token without showing it.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    provider_id: str
    issuer: str
    subject: str = Field(repr=False)
    account_issuer: str | None = None
    refresh_token: str | None = Field(default=None, repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    id_token: str | None = Field(default=None, repr=False)
    serial: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to be kept."""
        return self.refresh_token is None and self.id_token is None

    @property
    def refresh_from(self) -> float:
        """From when a use of the session refreshes it, in seconds; where the provider did not say, never."""
        if self.refresh_token is None or self.expires_at is None:
            return NEVER
        return self.expires_at.timestamp()


class Grants:
    """Grants by the handle of their session."""

    def __init__(self, store: KvStorePort, keys: SealingKeys, index: SealedIndex) -> None:
        self._store = store
        self._keys = keys
        self._index = index

    async def prepare(self) -> None:
        """Get ready to seal: to be awaited before a grant is put."""
        await self._index.note_current_key()

    async def read(self, handle: str) -> Entry | None:
        """Return the sealed grant of a session, or ``None`` where it has none."""
        return await self._store.get(grant_key(handle))

    def open(self, handle: str, sealed: bytes) -> Grant | None:
        """Return the grant, or ``None`` if none of the configured keys opens it, or it cannot be read."""
        try:
            return decode_record(Grant, self._keys.open(sealed, purpose=_PURPOSE, record_id=handle))
        except SealError:
            return None
        except StoreCorruptError as error:
            _log.warning("a grant cannot be read: %s", error)
            return None

    def is_current(self, entry: Entry) -> bool:
        """Whether the current key sealed a grant, so that it need not be sealed anew."""
        return self._keys.is_current(entry.value)

    def seal(self, handle: str, grant: Grant) -> bytes:
        """Return a grant sealed under the current key, for this session alone."""
        return self._keys.seal(encode_record(grant), purpose=_PURPOSE, record_id=handle)

    def put(self, handle: str, grant: Grant, expires_at: datetime) -> Put:
        """Return the write that keeps a grant until its session's last possible moment.

        A session that ends before, for want of use, leaves it there, sealed; a revocation deletes it.
        """
        sealed = self.seal(handle, grant)
        return Put(grant_key(handle), sealed, expires_at, self._index.places(sealed))


def grant_key(handle: str) -> str:
    """Return where the grant of a session is kept."""
    return f"{_PLACE}{handle}"


def handle_of_grant(key: str) -> str:
    """Return the handle of the session whose grant is kept there."""
    return key.removeprefix(_PLACE)
