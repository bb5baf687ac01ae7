"""The stored form of a session: a fixed head that the check reads, then answers, encoded once.

::

    version  state  answers  1 unused  idle limit
    1        1      1        1         4
    idle end  end  touch from  refresh from  created  user version  length  length  /session  person
    8         8    8           8             8        8             4       4       ...       ...

The check compares four numbers and cuts out a slice; nothing is decoded until somebody wants to know who it
is. The answer is that of the v1 contract, and the person is JSON as in it, so its models can read them back.
"""

import math
import re
import struct
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from netscript_auth_core.contract_v1 import SessionView, encode_views
from netscript_auth_core.domain import AuthSession, AuthUser, SessionState
from netscript_auth_core.ports import EncodedViews, Identity
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.errors import StoreCorruptError

# 1 and 2 were those of development before the first release.
VERSION: Final = 3
ACTIVE: Final = 1
REVOKED: Final = 2

ANSWERS: Final = 2
"""Of which kind the encoded answers are. Those of 0 and 1 prove nothing of when the person was there."""

_STATES: Final = (ACTIVE, REVOKED)

NEVER: Final = math.inf
"""As ``refresh_from``."""

UNREAD: Final = 0
"""As ``user_version``: of no record, so that the next use looks after the person."""

_HEAD: Final = struct.Struct(">BBBxIdddddQII")
_KIND: Final = "session"
_YEAR_9999: Final = 253_370_764_800.0  # seconds; datetime knows no year after it
_LONGEST_UNRECORDED: Final = timedelta(minutes=5)
# A quote within a text is escaped in JSON, so that no text of a browser or a provider looks like a member.
_USE: Final = re.compile(
    rb'("createdAt":"[^"]*",)("authenticatedAt":"[^"]*",)?"lastSeenAt":"[^"]*","idleExpiresAt":"[^"]*"'
)
_USER_ID: Final = re.compile(rb'"userId":"([^"]*)"')

Model = TypeVar("Model", bound=BaseModel)


class Head(NamedTuple):
    """The part of a record that the check reads. Times are seconds since 1970-01-01T00:00Z.

    Attributes:
        version: Of the schema.
        state: ``ACTIVE`` or ``REVOKED``; expiry is a matter of time, never written.
        answers: ``ANSWERS``, or a kind from before, which is completed by the next use that is recorded.
        idle_limit: Seconds without use after which the session ends.
        idle_expires_at: Ends then unless used before.
        expires_at: Ends then whatever happens.
        touch_from: A use from then on is recorded.
        refresh_from: A use from then on refreshes what the provider granted.
        created_at: The person's sessions are listed in this order.
        user_version: Of the record that the person was copied from.
        session_length: Bytes of the encoded ``/session`` answer.
        user_length: Bytes of the encoded person; 0 when the session was revoked.
    """

    version: int
    state: int
    answers: int
    idle_limit: int
    idle_expires_at: float
    expires_at: float
    touch_from: float
    refresh_from: float
    created_at: float
    user_version: int
    session_length: int
    user_length: int


def read_head(stored: bytes) -> Head:
    """Read the head of a record.

    Raises:
        StoreCorruptError: of another version, in a state that there is not, or cut short.
    """
    if len(stored) < _HEAD.size:
        raise StoreCorruptError(_KIND, "is too short")
    if stored[0] != VERSION:
        raise StoreCorruptError(_KIND, f"has schema version {stored[0]}, not {VERSION}")
    numbers = _HEAD.unpack_from(stored)
    _, state, _, _, _, expires_at, _, _, created_at, _, session_length, user_length = numbers
    if state not in _STATES:
        raise StoreCorruptError(_KIND, f"is in the unknown state {state}")
    if not 0 <= created_at <= expires_at < _YEAR_9999:
        raise StoreCorruptError(_KIND, "has no sound times")
    if _HEAD.size + session_length + user_length != len(stored):
        raise StoreCorruptError(_KIND, "is not as long as it says")
    return Head._make(numbers)


def read_views(stored: bytes, head: Head) -> EncodedViews | None:
    """Cut what is encoded out of the record of an active session; ``None`` for a kind from before."""
    if head.answers != ANSWERS:
        return None
    middle = _HEAD.size + head.session_length
    return EncodedViews(stored[_HEAD.size : middle], stored[middle:])


def read_identity(stored: bytes, head: Head) -> Identity:
    """Decode session and person from the record of an active session."""
    user = _decode(AuthUser, stored[_HEAD.size + head.session_length :])
    return Identity(_read_session(stored, head), user)


def read_session(stored: bytes, head: Head, now: float) -> AuthSession:
    """Decode the session in the state that it has now, whatever that is."""
    return _read_session(stored, head).model_copy(update={"state": state_of(head, now)})


def read_user_id(stored: bytes, head: Head) -> str:
    """Return whose session it is."""
    found = _USER_ID.search(stored, _HEAD.size, _HEAD.size + head.session_length)
    if found is None:
        raise StoreCorruptError(_KIND, "says nowhere whose it is")
    return found[1].decode()


def is_active(head: Head, now: float) -> bool:
    """Whether the session lives at this time."""
    return head.state == ACTIVE and now < head.idle_expires_at and now < head.expires_at


def state_of(head: Head, now: float) -> SessionState:
    """Return the state that a session has now."""
    if head.state == REVOKED:
        return SessionState.REVOKED
    return SessionState.ACTIVE if is_active(head, now) else SessionState.EXPIRED


def encode_active(
    identity: Identity, idle_limit: timedelta, refresh_from: float = NEVER, user_version: int = UNREAD
) -> bytes:
    """Return the record of an active session."""
    session = identity.session
    head = Head(
        VERSION,
        ACTIVE,
        ANSWERS,
        int(idle_limit.total_seconds()),
        session.idle_expires_at.timestamp(),
        session.expires_at.timestamp(),
        _touch_from(session.last_seen_at, idle_limit),
        refresh_from,
        session.created_at.timestamp(),
        user_version,
        session_length=0,
        user_length=0,
    )
    return _encode(head, *encode_views(identity))


def encode_used(stored: bytes, head: Head, used_at: datetime) -> bytes:
    """Return the record of an active session after a use of it.

    It is what decoding, changing and encoding it again would give, at a fiftieth of the price.
    """
    idle_limit = timedelta(seconds=head.idle_limit)
    idle_end = min(used_at + idle_limit, datetime.fromtimestamp(head.expires_at, UTC))
    middle = _HEAD.size + head.session_length
    before = stored[_HEAD.size : middle]
    found = _USE.search(before)
    if found is None:
        raise StoreCorruptError(_KIND, "says nowhere when it was used")
    began, authenticated = found.groups()
    proven = authenticated if authenticated and head.answers == ANSWERS else b""
    use = f'"lastSeenAt":"{_text(used_at)}","idleExpiresAt":"{_text(idle_end)}"'.encode()
    session = before[: found.start()] + began + proven + use + before[found.end() :]
    used = _HEAD.pack(
        VERSION,
        head.state,
        ANSWERS,
        head.idle_limit,
        idle_end.timestamp(),
        head.expires_at,
        _touch_from(used_at, idle_limit),
        head.refresh_from,
        head.created_at,
        head.user_version,
        len(session),
        head.user_length,
    )
    return used + session + stored[middle:]


def encode_revoked(session: AuthSession, idle_limit: int) -> bytes:
    """Return what stays of a revoked session, so that the reason stays what it is: no name, no address."""
    bare = AuthSession(
        handle=session.handle,
        user_id=session.user_id,
        backend=session.backend,
        provider_id=session.provider_id,
        state=SessionState.REVOKED,
        created_at=session.created_at,
        authenticated_at=session.authenticated_at,
        last_seen_at=session.last_seen_at,
        idle_expires_at=session.idle_expires_at,
        expires_at=session.expires_at,
    )
    head = Head(
        VERSION,
        REVOKED,
        ANSWERS,
        idle_limit,
        session.idle_expires_at.timestamp(),
        session.expires_at.timestamp(),
        touch_from=NEVER,
        refresh_from=NEVER,
        created_at=session.created_at.timestamp(),
        user_version=UNREAD,
        session_length=0,
        user_length=0,
    )
    view = SessionView(authenticated=False, session=bare, reason=AnonymousReason.SESSION_REVOKED)
    return _encode(head, view.to_wire(), b"")


def touch_interval(idle_limit: timedelta) -> timedelta:
    """Return how long a use goes unrecorded: 5 minutes, or 1/20 of the idle limit where that is shorter.

    So a session ends at most 5 minutes, and at most 5 %, before its idle limit has really passed. Never
    under a second, whatever the limit: a session in steady use costs one write a second at the very most.
    """
    return max(min(_LONGEST_UNRECORDED, idle_limit / 20), timedelta(seconds=1))


def _touch_from(used_at: datetime, idle_limit: timedelta) -> float:
    return (used_at + touch_interval(idle_limit)).timestamp()


def _encode(head: Head, session: bytes, user: bytes) -> bytes:
    sized = head._replace(session_length=len(session), user_length=len(user))
    return _HEAD.pack(*sized) + session + user


def _read_session(stored: bytes, head: Head) -> AuthSession:
    view = _decode(SessionView, stored[_HEAD.size : _HEAD.size + head.session_length])
    if view.session is None:
        raise StoreCorruptError(_KIND, "has no session")
    if head.answers != ANSWERS:
        return view.session.model_copy(update={"authenticated_at": None})
    return view.session


def _decode(model: type[Model], encoded: bytes) -> Model:
    try:
        return model.model_validate_json(encoded)
    except ValidationError as error:
        raise StoreCorruptError(_KIND, f"does not fit ({error.error_count()} faults)") from error


def _text(time: datetime) -> str:
    """Return a UTC time as the models write it."""
    return time.isoformat().removesuffix("+00:00") + "Z"
