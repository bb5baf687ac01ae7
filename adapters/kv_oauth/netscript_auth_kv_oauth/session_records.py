"""The stored form of a session: a fixed head that the check reads, then the answers, encoded once.

::

    version  state  2 unused  idle limit  idle end  end  touch from  renew from  length  length  /session  /me
    1        1      2         4           8         8    8           8           4       4       ...       ...

The check compares four numbers and cuts out two slices; nothing is decoded until somebody wants to know who
it is. The answers are those of the v1 contract, so they can be read back by its models.

Version 1, which had no "renew from", is still read: an upgrade signs nobody out.
"""

import math
import struct
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from netscript_auth_core.contract_v1 import MeView, SessionView, encode_views
from netscript_auth_core.domain import AuthSession, SessionState
from netscript_auth_core.ports import EncodedViews, Identity
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.errors import StoreCorruptError

VERSION: Final = 2
WITHOUT_RENEWAL: Final = 1
ACTIVE: Final = 1
REVOKED: Final = 2
_STATES: Final = (ACTIVE, REVOKED)

# As ``renew_from``: never; and at once, to find out when.
NEVER: Final = math.inf
UNKNOWN: Final = 0.0

_HEAD: Final = struct.Struct(">BBxxIddddII")
_HEAD_WITHOUT_RENEWAL: Final = struct.Struct(">BBxxIdddII")
_SIZES: Final = {VERSION: _HEAD.size, WITHOUT_RENEWAL: _HEAD_WITHOUT_RENEWAL.size}
_RENEW_FROM: Final = 6
_KIND: Final = "session"
_MINUTE: Final = timedelta(minutes=1)

View = TypeVar("View", bound=BaseModel)


class Head(NamedTuple):
    """The part of a record that the check reads. Times are seconds since 1970-01-01T00:00Z.

    Attributes:
        version: Of the schema.
        state: ``ACTIVE`` or ``REVOKED``; expiry is a matter of time, never written.
        idle_limit: Seconds without use after which the session ends.
        idle_expires_at: Ends then unless used before.
        expires_at: Ends then whatever happens.
        touch_from: A use from then on is recorded.
        renew_from: A use from then on renews what the provider granted.
        session_length: Bytes of the encoded ``/session`` answer.
        me_length: Bytes of the encoded ``/me`` answer; 0 when the session was revoked.
    """

    version: int
    state: int
    idle_limit: int
    idle_expires_at: float
    expires_at: float
    touch_from: float
    renew_from: float
    session_length: int
    me_length: int


def read_head(stored: bytes) -> Head:
    """Read the head of a record.

    Raises:
        StoreCorruptError: of another version, in a state that there is not, or cut short.
    """
    if len(stored) < _HEAD.size:
        raise StoreCorruptError(_KIND, "is too short")
    if stored[0] == VERSION:
        head = Head._make(_HEAD.unpack_from(stored))
    elif stored[0] == WITHOUT_RENEWAL:
        old = _HEAD_WITHOUT_RENEWAL.unpack_from(stored)
        head = Head._make((*old[:_RENEW_FROM], UNKNOWN, *old[_RENEW_FROM:]))
    else:
        raise StoreCorruptError(_KIND, f"has schema version {stored[0]}, not {VERSION}")
    if head.state not in _STATES:
        raise StoreCorruptError(_KIND, f"is in the unknown state {head.state}")
    if _SIZES[head.version] + head.session_length + head.me_length != len(stored):
        raise StoreCorruptError(_KIND, "is not as long as it says")
    return head


def read_views(stored: bytes, head: Head) -> EncodedViews:
    """Cut the encoded answers out of the record of an active session."""
    begin = _SIZES[head.version]
    middle = begin + head.session_length
    return EncodedViews(session=stored[begin:middle], me=stored[middle:])


def read_identity(stored: bytes, head: Head) -> Identity:
    """Decode session and person from the record of an active session."""
    view = _decode(MeView, read_views(stored, head).me)
    if view.user is None or view.session is None:
        raise StoreCorruptError(_KIND, "has no session or no user")
    return Identity(view.session, view.user)


def read_session(stored: bytes, head: Head, now: float) -> AuthSession:
    """Decode the session in the state that it has now, whatever that is."""
    view = _decode(SessionView, read_views(stored, head).session)
    if view.session is None:
        raise StoreCorruptError(_KIND, "has no session")
    if head.state == ACTIVE and not is_active(head, now):
        return view.session.model_copy(update={"state": SessionState.EXPIRED})
    return view.session


def is_active(head: Head, now: float) -> bool:
    """Whether the session lives at this time."""
    return head.state == ACTIVE and now < head.idle_expires_at and now < head.expires_at


def why_over(head: Head) -> AnonymousReason:
    """Return why a session that is not active is over."""
    return AnonymousReason.SESSION_REVOKED if head.state == REVOKED else AnonymousReason.SESSION_EXPIRED


def encode_active(identity: Identity, idle_limit: timedelta, renew_from: float = NEVER) -> bytes:
    """Return the record of an active session."""
    session = identity.session
    views = encode_views(identity)
    touch_from = session.last_seen_at + touch_interval(idle_limit)
    return _encode(ACTIVE, session, int(idle_limit.total_seconds()), touch_from, views, renew_from)


def encode_revoked(session: AuthSession, idle_limit: int) -> bytes:
    """Return what stays of a revoked session, so that the reason stays what it is: no name, no address."""
    bare = AuthSession(
        handle=session.handle,
        user_id=session.user_id,
        backend=session.backend,
        provider_id=session.provider_id,
        state=SessionState.REVOKED,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        idle_expires_at=session.idle_expires_at,
        expires_at=session.expires_at,
    )
    view = SessionView(authenticated=False, session=bare, reason=AnonymousReason.SESSION_REVOKED)
    views = EncodedViews(session=view.to_wire(), me=b"")
    return _encode(REVOKED, session, idle_limit, session.expires_at, views)


def touch_interval(idle_limit: timedelta) -> timedelta:
    """Return how long a use goes unrecorded: a minute, or 1/20 of the idle limit where that is shorter.

    So a session ends at most a minute, and at most 5 %, before its idle limit has really passed. Never under
    a second, whatever the limit: a session in steady use costs one write a second at the very most.
    """
    return max(min(_MINUTE, idle_limit / 20), timedelta(seconds=1))


def _encode(
    state: int,
    session: AuthSession,
    idle_limit: int,
    touch_from: datetime,
    views: EncodedViews,
    renew_from: float = NEVER,
) -> bytes:
    head = Head(
        VERSION,
        state,
        idle_limit,
        session.idle_expires_at.timestamp(),
        session.expires_at.timestamp(),
        touch_from.timestamp(),
        renew_from,
        len(views.session),
        len(views.me),
    )
    return _HEAD.pack(*head) + views.session + views.me


def _decode(model: type[View], encoded: bytes) -> View:
    try:
        return model.model_validate_json(encoded)
    except ValidationError as error:
        raise StoreCorruptError(_KIND, f"does not fit ({error.error_count()} faults)") from error
