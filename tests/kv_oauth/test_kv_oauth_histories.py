"""Whatever happens to sessions, in whatever order: what has ended stays ended."""

import signal
import sys
import textwrap
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import anyio
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.domain import Device, ExternalIdentity, SessionState
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, IssuedSession
from netscript_auth_kv_oauth import KvOAuthBackend, create_kv_oauth_backend
from netscript_kernel.clock import SettableClock, SystemClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.sqlite import open_sqlite_store
from tests.kv_oauth.pretend import KEYS, pretend_config

IDLE, LIFE = timedelta(hours=1), timedelta(hours=5)
STEPS = st.one_of(
    st.tuples(st.just("use"), st.integers(0, 3)),
    st.tuples(st.just("use and revoke at once"), st.integers(0, 3)),
    st.tuples(st.just("revoke"), st.integers(0, 3)),
    st.tuples(st.just("refresh"), st.integers(0, 3)),
    st.tuples(st.just("revoke all"), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from([30, 600, 3500, 3600, 4000])),
    st.tuples(st.just("settle"), st.just(0)),
)


@dataclass
class Model:
    """What has to be true of one session."""

    issued: IssuedSession
    person: int
    begun: timedelta
    used: timedelta
    is_revoked: bool = False
    is_over: bool = False


@dataclass
class History:
    """Sessions of two people over time."""

    clock: SettableClock
    backend: KvOAuthBackend
    now: timedelta = timedelta(0)
    models: list[Model] = field(default_factory=list[Model])

    async def step(self, kind: str, which: int) -> None:
        """Do one thing."""
        sessions = self.backend.sessions
        match kind:
            case "wait":
                # Half a minute at the least: what was to be written behind an answer has been by then.
                await self.backend.settle()
                self.clock.advance(timedelta(seconds=which))
                self.now += timedelta(seconds=which)
            case "settle":
                await self.backend.settle()
            case "revoke all":
                await sessions.revoke_all_for_user(self.models[which].issued.user.id)
                for model in self.models:
                    model.is_revoked |= model.person == self.models[which].person
            case "refresh":
                await self._refresh(self.models[which])
            case _:
                await self._use(self.models[which], and_revoke="revoke" in kind, use="use" in kind)

    async def _use(self, model: Model, *, and_revoke: bool, use: bool) -> None:
        if use and await self.is_active(model):
            model.used = self.now
        if and_revoke:
            await self.backend.sessions.revoke(model.issued.session.handle)
            model.is_revoked = True

    async def _refresh(self, model: Model) -> None:
        try:
            session = await self.backend.sessions.refresh(model.issued.session.handle)
        except SessionEndedError:
            return
        assert session.state is SessionState.ACTIVE
        assert not model.is_revoked

    async def is_active(self, model: Model) -> bool:
        """Ask, and judge the answer by what must be so."""
        outcome = await self.backend.authenticate(AuthRequest((model.issued.token,)))
        is_active = isinstance(outcome, Authenticated)
        if isinstance(outcome, Authenticated):
            assert outcome.identity.user.id == model.issued.user.id
            assert not model.is_revoked
            assert not model.is_over, "a session that had ended is back"
            assert self.now < model.begun + LIFE
            assert self.now < model.used + IDLE
        model.is_over |= not is_active
        return is_active


@given(st.lists(STEPS, max_size=25))
async def test_what_has_ended_stays_ended_whatever_happens(steps: list[tuple[str, int]]) -> None:
    async with _history() as history:
        for kind, which in steps:
            await history.step(kind, which)

        await history.backend.settle()
        for model in history.models:
            is_active = await history.is_active(model)
            # A use within a minute of the last recorded one goes unrecorded.
            earliest_end = min(model.used + IDLE - timedelta(minutes=1), model.begun + LIFE)
            assert is_active or model.is_revoked or history.now >= earliest_end
            session = await history.backend.sessions.get(model.issued.session.handle)
            assert session is None or (session.state is SessionState.ACTIVE) is is_active


async def test_a_use_that_is_written_late_counts_from_when_it_was() -> None:
    async with _history() as history:
        request = AuthRequest((history.models[0].issued.token,))
        history.clock.advance(timedelta(minutes=10))
        await history.backend.authenticate(request)
        history.clock.advance(timedelta(minutes=40))

        await history.backend.settle()

        history.clock.advance(timedelta(minutes=20))
        at_its_end = await history.backend.authenticate(request)

    assert isinstance(at_its_end, Anonymous)


async def test_a_session_that_ended_before_its_use_was_written_stays_ended() -> None:
    async with _history() as history:
        request = AuthRequest((history.models[0].issued.token,))
        history.clock.advance(timedelta(minutes=10))
        await history.backend.authenticate(request)
        history.clock.advance(timedelta(minutes=55))
        told = await history.backend.authenticate(request)

        await history.backend.settle()

        assert [type(told), type(await history.backend.authenticate(request))] == [Anonymous, Anonymous]


async def test_a_session_that_was_handed_out_survives_the_death_of_the_process(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import asyncio, os, pathlib, signal
        from netscript_auth_core.domain import Device, ExternalIdentity
        from netscript_auth_kv_oauth import create_kv_oauth_backend, providers
        from netscript_kernel.clock import SystemClock
        from netscript_kernel.kv.sqlite import open_sqlite_store

        async def main():
            store = await open_sqlite_store(pathlib.Path({str(tmp_path / "auth.db")!r}), SystemClock())
            provider = providers.google(client_id="a", client_secret="b", redirect_uri="https://a.example/callback")
            backend = create_kv_oauth_backend(provider, store=store)
            somebody = ExternalIdentity(issuer="https://idp.example", subject="s", provider_id="google")
            print((await backend.sessions.create(somebody, Device())).token, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """)

    ran = await anyio.run_process([sys.executable, "-c", program], check=False)

    assert ran.returncode == -signal.SIGKILL
    store = await open_sqlite_store(tmp_path / "auth.db", SystemClock())
    backend = create_kv_oauth_backend(pretend_config(), store=store, keys=KEYS)
    outcome = await backend.authenticate(AuthRequest((ran.stdout.decode().strip(),)))
    assert isinstance(outcome, Authenticated)
    await backend.aclose()
    await store.aclose()


@asynccontextmanager
async def _history() -> AsyncGenerator[History]:
    clock = SettableClock()
    backend = create_kv_oauth_backend(
        pretend_config(),
        store=MemoryKvStore(clock),
        keys=KEYS,
        clock=clock,
        session_ttl=LIFE,
        session_idle_ttl=IDLE,
    )
    history = History(clock, backend)
    for person in (0, 1, 0, 0):
        identity = ExternalIdentity(issuer="https://idp.example", subject=str(person), provider_id="oidc")
        issued = await backend.sessions.create(identity, Device())
        history.models.append(Model(issued, person, timedelta(0), timedelta(0)))
    yield history
    await backend.aclose()
