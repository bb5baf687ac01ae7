"""Puts people and their sessions into a store, as they would be there in a service that is in use.

By the adapter's own encoders but not by its port: a million sign-ins one by one would take an hour.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

from netscript_auth_core.domain import Account, AuthSession, AuthUser, Device, SessionState
from netscript_auth_core.ports import Identity
from netscript_auth_core.records import encode_record
from netscript_auth_kv_oauth.sessions.session_records import encode_used
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.sessions.stored_sessions import Stored, put_active
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from netscript_kernel.clock import SystemClock
from netscript_kernel.ids import new_id, new_token
from netscript_kernel.kv.batch import in_pieces
from netscript_kernel.kv.port import Put
from netscript_kernel.kv.urls import open_store

_AT_ONCE = 1000
_UNRECORDED = 300  # seconds; as by the idle limit
_IDLE, _LIFE = timedelta(hours=24), timedelta(days=7)
_ISSUER = "https://id.acme.example"
_DEVICE = Device(
    user_agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0"
)


async def fill(url: str, count: int, tokens: Path) -> None:
    """Keep ``count`` sessions, each of another person, in the store that a URL names.

    Args:
        url: As in ``NETSCRIPT_KV_URL``.
        count: How many.
        tokens: A file that gets the session tokens, one a line.
    """
    clock = SystemClock()
    store = await open_store(url, clock, data_dir=None)
    try:
        with tokens.open("w") as file:
            for begun in range(0, count, _AT_ONCE):
                fresh = [new_token() for _ in range(min(_AT_ONCE, count - begun))]
                people = [_person(clock) for _ in fresh]
                version = await store.commit(puts=[_put_person(user) for user in people])
                if version is None:
                    raise RuntimeError("a commit without checks was not done")
                sessions = [_session(token, user, clock) for token, user in zip(fresh, people, strict=True)]
                await store.commit(puts=[put_active(each, _IDLE, user_version=version) for each in sessions])
                file.writelines(f"{token}\n" for token in fresh)
    finally:
        await store.aclose()


async def use(url: str, tokens: Sequence[str]) -> None:
    """Have every session been used at some moment of the last five minutes, counted from now.

    As by people who use theirs all the time: from now on some uses are to be recorded at once, others in a
    while.

    Args:
        url: As in ``NETSCRIPT_KV_URL``.
        tokens: Those that :func:`fill` wrote.
    """
    clock, random = SystemClock(), Random(0)
    store = await open_store(url, clock, data_dir=None)
    sessions = SessionStore(store, clock)
    try:
        for some in in_pieces(tokens, _AT_ONCE):
            found = [await sessions.read_active(handle_of(token)) for token in some]
            uses = [(each, _used(each, clock, random)) for each in found]
            await sessions.write_used(uses)
    finally:
        await store.aclose()


def _used(stored: Stored, clock: SystemClock, random: Random) -> bytes:
    used_at = clock.now() - timedelta(seconds=random.uniform(0, _UNRECORDED))
    return encode_used(stored.entry.value, stored.head, used_at)


def _person(clock: SystemClock) -> AuthUser:
    address = "alice.adams@example.test"
    account = Account(
        issuer=_ISSUER, subject=new_id("sub"), provider_id="oidc", email=address, email_verified=True
    )
    return AuthUser(
        id=new_id("usr"),
        created_at=clock.now(),
        name="Alice Adams",
        email=address,
        email_verified=True,
        accounts=(account,),
    )


def _put_person(user: AuthUser) -> Put:
    return Put(f"auth/user/{user.id}", encode_record(user))


def _session(token: str, user: AuthUser, clock: SystemClock) -> Identity:
    now = clock.now()
    session = AuthSession(
        handle=handle_of(token),
        user_id=user.id,
        backend="kv-oauth",
        provider_id="oidc",
        state=SessionState.ACTIVE,
        created_at=now - _IDLE,
        last_seen_at=now,
        idle_expires_at=now + _IDLE,
        expires_at=now + _LIFE,
        scopes=("openid", "email", "profile"),
        device=_DEVICE,
    )
    return Identity(session, user)
