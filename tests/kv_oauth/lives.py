"""Sessions of two people over time, in two processes on one store, at a provider that has bad days.

The provider rotates refresh tokens, and ends all that it granted at a sign-in when one is used twice. What
must be true is kept beside what is, and whatever is asked is judged by it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs

import anyio
import anyio.lowlevel
import httpx

from netscript_auth_core.domain import SessionState
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import Authenticated, AuthRequest
from netscript_auth_kv_oauth import KvOAuthBackend
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_dev_provider.config import Lifetimes
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.urls import open_store
from tests.kv_oauth.desks import Desk, the_provider
from tests.kv_oauth.expected_lives import IDLE, LIFE, Life
from tests.kv_oauth.people import People
from tests.kv_oauth.remote_store import QUESTION, Question, RemoteKvStore

DUE = 301  # seconds; a refresh is due then
A_REFRESH = 30  # so often others run during one, at the most
PEOPLE = ("alice", "bob")


@dataclass
class Lives:
    """Everything that runs.

    Attributes:
        processes: Backends on one store.
    """

    desk: Desk
    store: RemoteKvStore
    processes: list[KvOAuthBackend]
    now: timedelta = timedelta(0)
    lives: list[Life] = field(default_factory=list[Life])

    def life(self, which: int) -> Life:
        return self.lives[which % len(self.lives)]

    async def settle(self) -> None:
        for backend in self.processes:
            await backend.settle()

    async def step(self, kind: str, which: int, process: int) -> None:
        """Do one thing in one of the processes."""
        self.desk.backend = self.processes[process]
        await getattr(self, f"_{kind.replace(' ', '_')}")(which, process)

    async def is_active(self, life: Life, process: int) -> bool:
        """Ask, and judge the answer by what must be so."""
        outcome = await self.processes[process].authenticate(AuthRequest((life.issued.token,)))
        is_active = isinstance(outcome, Authenticated)
        if isinstance(outcome, Authenticated):
            assert outcome.identity.user.id == life.issued.user.id, "its person is another one"
            assert not life.is_ended_here, "what somebody ended is back"
            assert not life.is_over, "a session that had ended is back"
            assert self.now < min(life.begun + LIFE, life.asked + IDLE), "it outlived its limits"
            life.asked = self.now
        else:
            assert life.may_be_over(self.now), f"it ended for no reason: {outcome}"
        life.is_over |= not is_active
        return is_active

    async def _sign_in(self, which: int, _: int, tokens: tuple[str, ...] = ()) -> None:
        if self.desk.people.wire.is_cut:
            return
        person = PEOPLE[which % len(PEOPLE)]
        issued = (await self.desk.sign_in(person, tokens)).issued
        grant = await self.desk.grant(issued.session.handle)
        assert grant is not None
        assert grant.refresh_token is not None
        token = self.desk.people.idp.provider.store.refresh_token(grant.refresh_token)
        assert token is not None
        self.lives.append(Life(issued, person, token.sign_in, self.now, self.now, self.now))

    async def _sign_in_again(self, which: int, process: int) -> None:
        before, count = self.life(which), len(self.lives)
        await self._sign_in(PEOPLE.index(before.person), process, (before.issued.token,))
        if len(self.lives) > count:
            before.is_replaced = True

    async def _read(self, which: int, process: int) -> None:
        life = self.life(which)
        if await self.is_active(life, process):
            life.used = self.now

    async def _refresh(self, which: int, process: int) -> None:
        await self._try_to_refresh(self.life(which), process)

    async def _revoke(self, which: int, process: int) -> None:
        life = self.life(which)
        if await self.processes[process].sessions.revoke(life.handle):
            self._note_sign_out(life)

    async def _revoke_soon(self, which: int, process: int) -> None:
        """Revoke while others are anywhere in what they do: each time elsewhere."""
        for _ in range(self.store.turn % A_REFRESH):
            await anyio.lowlevel.checkpoint()
        await self._revoke(which, process)

    async def _sign_out(self, which: int, _: int) -> None:
        life = self.life(which)
        if (await self.desk.sign_out(life.handle)).ended:
            self._note_sign_out(life)

    async def _sign_out_everywhere(self, which: int, _: int) -> None:
        life = self.life(which)
        if (await self.desk.sign_out(life.handle, everywhere=True)).ended:
            self._note_all(life.person)

    async def _revoke_all(self, which: int, process: int) -> None:
        life = self.life(which)
        await self.processes[process].sessions.revoke_all_for_user(life.issued.user.id)
        self._note_all(life.person)

    async def _use_refresh_and_revoke_at_once(self, which: int, process: int) -> None:
        await self._wait(DUE, process)
        life = self.life(which)
        other = 1 - process
        reads = [self._ask(life, at) for at in (process, other) * 3]
        refreshes = [self._try_to_refresh(life, at, is_being_ended=True) for at in (other, process)]
        await asyncio.gather(*reads, *refreshes, self._revoke_soon(which, process), self._ask(life, other))

    async def _use_and_refresh_at_once(self, which: int, process: int) -> None:
        await self._wait(DUE, process)
        life = self.life(which)
        reads = [self._read(which, at) for at in (process, 1 - process) * 3]
        await asyncio.gather(*reads, *(self._try_to_refresh(life, at) for at in (0, 1)))

    async def _ask(self, life: Life, process: int) -> None:
        """Ask while it is being ended, when both answers are good."""
        await self.processes[process].authenticate(AuthRequest((life.issued.token,)))
        life.asked = self.now

    async def _try_to_refresh(self, life: Life, process: int, *, is_being_ended: bool = False) -> None:
        """Refresh, and judge the answer by what was there to be seen when it was last looked for."""
        question = Question(self.store.turn)
        QUESTION.set(question)
        try:
            session = await self.processes[process].sessions.refresh(life.handle)
        except SessionEndedError:
            assert is_being_ended or life.may_be_over(self.now), "it ended for no reason"
        except BackendUnavailableError:
            pass
        else:
            assert session.state is SessionState.ACTIVE
            revoked = self.store.revoked.get(session_key(life.handle))
            assert revoked is None or question.looked < revoked, "it is called active after it was revoked"
        finally:
            QUESTION.set(None)

    async def _provider_ends_it(self, which: int, _: int) -> None:
        life = self.life(which)
        life.at_provider.ended = life.is_ended_at_provider = True

    async def _outage(self, _: int, __: int) -> None:
        self.desk.people.wire.is_cut = not self.desk.people.wire.is_cut

    async def _lose_an_answer(self, which: int, process: int) -> None:
        await self._wait(DUE, process)
        self.life(which).may_have_lost_a_token = True
        wire = self.desk.people.wire
        wire.loses = lambda request: b"grant_type=refresh_token" in request.content
        await self._read(which, process)
        await self.settle()
        wire.loses = lambda _: False

    async def _crash(self, which: int, process: int) -> None:
        """End a process in the middle of whatever it does, before or after the provider has redeemed."""
        await self._wait(DUE, process)
        self.life(which).may_have_lost_a_token = True
        wire = self.desk.people.wire
        async with wire.paused_refresh() as pause:
            await self.is_active(self.life(which), process)
            await anyio.wait_all_tasks_blocked()
            if pause.is_reached and which % 2:
                await wire.deliver(wire.requests[-1])
            for task in [*self.processes[process]._parts.background._tasks]:  # pyright: ignore[reportPrivateUsage]  # killed
                task.cancel()
            await self._restart(which, process)

    async def _restart(self, _: int, process: int) -> None:
        await self.processes[process].aclose()
        self.processes[process] = self.desk.open()

    async def _upkeep(self, _: int, process: int) -> None:
        await self.processes[process].upkeep.run()

    async def _wait(self, seconds: int, _: int) -> None:
        # What was to be written behind an answer has been by then.
        await self.settle()
        self.desk.clock.advance(timedelta(seconds=seconds))
        self.now += timedelta(seconds=seconds)

    def _note_sign_out(self, life: Life) -> None:
        life.signed_out_at = self.now if life.signed_out_at is None else life.signed_out_at

    def _note_all(self, person: str) -> None:
        for life in self.lives:
            is_over = life.is_over or life.is_replaced or life.may_have_expired(self.now)
            if life.person == person and not is_over:
                self._note_sign_out(life)


def refreshes(requests: list[httpx.Request]) -> list[str]:
    """Return the refresh tokens in the order in which they were sent."""
    forms = [parse_qs(request.content.decode()) for request in requests if request.url.path == "/token"]
    return [form["refresh_token"][0] for form in forms if "refresh_token" in form]


def _forget_nothing_for_a_spent_token(people: People, request: httpx.Request) -> httpx.Response | None:
    """Say yes and do nothing, as a provider may (RFC 7009 section 2.2): its successor has to be named."""
    if request.url.path != "/revoke":
        return None
    form = parse_qs(request.content.decode())
    token = people.idp.provider.store.refresh_token(form["token"][0])
    return httpx.Response(200) if token is not None and token.spent else None


@asynccontextmanager
async def open_lives(store_url: str = "memory://") -> AsyncGenerator[Lives]:
    """Begin with a session of alice and one of bob, on an empty store."""

    async def sleep(_: float) -> None:
        await anyio.lowlevel.checkpoint()

    clock = SettableClock()
    people = People(clock, lifetimes=Lifetimes(refresh_token=timedelta(days=30)))
    store = RemoteKvStore(await open_store(store_url, clock, data_dir=None))
    keys, patience = KeyRing([bytes(range(32))]), Patience(sleep=sleep)
    desk = Desk(clock, people, store, keys, the_provider(), LIFE, IDLE, patience=patience)
    people.wire.answer = partial(_forget_nothing_for_a_spent_token, people)
    lives = Lives(desk, store, [desk.backend, desk.open()])
    try:
        for process in (0, 1):
            await lives.step("sign in", process, process)
        yield lives
    finally:
        for backend in lives.processes:
            await backend.aclose()
        await desk.http.aclose()
        await store.aclose()
