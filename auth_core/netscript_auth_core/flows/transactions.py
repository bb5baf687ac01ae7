"""Sign-ins under way, kept by the digest of their ``state``; each can be used once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.clock import Clock
from netscript_kernel.errors import SealError, StoreCorruptError
from netscript_kernel.ids import decode_base64url, digest, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

LIFETIME: Final = timedelta(minutes=10)
# The store forgets a flow later than it ends, so that "too late" and "used" can be told from "unknown".
REMEMBERED: Final = timedelta(hours=1)
_PURPOSE: Final = "auth/flow"
_FLOW_ID_CHARACTERS: Final = 16


class FlowSecrets(BaseModel):
    """What the provider will be shown, and must show, at the end.

    Attributes:
        max_age: In seconds: how long ago the person may have shown the provider who they are.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, defer_build=True)

    verifier: str
    nonce: str
    max_age: int | None = None

    def __repr__(self) -> str:
        """Leave out the secrets."""
        return "FlowSecrets()"


class PendingFlow(BaseModel):
    """A sign-in that waits for its callback.

    Attributes:
        binding_digest: Of the secret in the flow cookie.
        sealed: :class:`FlowSecrets`, in base64url.
        redirect_uri: As sent to the provider; sent again with the code.
        return_to: Where the browser lands afterwards; fixed when the sign-in began.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    provider_id: str
    issuer: str
    binding_digest: str
    sealed: str
    redirect_uri: str
    return_to: str
    scopes: tuple[str, ...]
    expires_at: datetime


class FlowRecord(BaseModel):
    """The stored form: without ``pending``, the flow was used."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    pending: PendingFlow | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as it was read.

    Attributes:
        id: Names its cookie.
        pending: ``None`` when it was used.
    """

    id: str
    entry: Entry = field(repr=False)
    pending: PendingFlow | None


class Transactions:
    """Flow records in the key-value store. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort, keys: SealingKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def add(self, state: str, flow: PendingFlow) -> None:
        """Keep a new flow."""
        value = encode_record(FlowRecord(pending=flow))
        await self._store.commit(puts=[Put(_key(state), value, self._forgotten_at())])

    async def read(self, state: str) -> Flow | None:
        """Return the flow of a state, or ``None`` where there is none."""
        entry = await self._store.get(_key(state))
        if entry is None:
            return None
        return Flow(flow_id(state), entry, decode_record(FlowRecord, entry.value).pending)

    async def use_up(self, flow: Flow) -> bool:
        """Mark a pending flow as used; of any number of concurrent callers exactly one is told ``True``."""
        version = await self._store.commit(
            checks=[Check(flow.entry.key, flow.entry.version)],
            puts=[Put(flow.entry.key, encode_record(FlowRecord()), self._forgotten_at())],
        )
        return version is not None

    def seal(self, state: str, secrets: FlowSecrets) -> str:
        """Return the secrets of a flow in the form that its record keeps."""
        plain = secrets.model_dump_json().encode()
        return encode_base64url(self._keys.seal(plain, purpose=_PURPOSE, record_id=_key(state)))

    def open(self, state: str, sealed: str) -> FlowSecrets | None:
        """Return the secrets of a flow, or ``None`` if none of the configured keys opens them.

        Raises:
            StoreCorruptError: what is stored in their place is nothing that was ever sealed here.
        """
        try:
            plain = self._keys.open(decode_base64url(sealed), purpose=_PURPOSE, record_id=_key(state))
            return FlowSecrets.model_validate_json(plain)
        except SealError:
            return None
        except ValueError:
            raise StoreCorruptError("flow", "has no secrets that can be read") from None

    def _forgotten_at(self) -> datetime:
        return self._clock.now() + REMEMBERED


def flow_id(state: str) -> str:
    """Return the id of a flow, so that the callback finds exactly its own cookie."""
    return digest("flow", state)[:_FLOW_ID_CHARACTERS]


def binding_digest(binding: str) -> str:
    """Return what is kept of a flow cookie's secret."""
    return digest("flow-binding", binding)


def _key(state: str) -> str:
    return f"auth/flow/{digest('flow', state)}"
