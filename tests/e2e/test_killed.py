"""auth-api is killed outright while many people sign in: who was told that they are signed in, is."""

import random
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx
import pytest

from tests.support.auth_api_process import API, SESSION_COOKIE
from tests.support.desk import Desk, run_desk
from tests.support.program import Program
from tests.support.site import begin, is_signed_in, sign_in

pytestmark = pytest.mark.slow
CROWD = 8


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with run_desk(tmp_path_factory.mktemp("killed"), ["--auto-sign-in"]) as desk:
        yield desk


@dataclass
class Crowd:
    """People who sign in again and again, each time as if anew, until auth-api is gone.

    Attributes:
        desk: Where.
        patience: After how many answers the moment has come.
        let_in: Every session token that somebody received.
        unanswered: Flow cookies and callback address of everybody who came back from the provider and waits.
    """

    desk: Desk
    patience: int
    moment: anyio.Event = field(default_factory=anyio.Event)
    let_in: list[str] = field(default_factory=list[str])
    unanswered: dict[str, str] = field(default_factory=dict[str, str])

    async def press_in(self) -> None:
        """Sign in until there is nobody any more to sign in at."""
        async with self.desk.client() as http:
            with suppress(httpx.TransportError):
                while True:
                    http.cookies.clear()
                    await self._sign_in(http)

    async def _sign_in(self, http: httpx.AsyncClient) -> None:
        authorization_url = await begin(http, loginHint="alice")
        self._answered()
        flow = "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies.jar)
        self.unanswered[flow] = (await http.get(authorization_url)).headers["location"]
        answer = await http.get(self.unanswered[flow])
        assert SESSION_COOKIE in answer.cookies, answer.text
        self.let_in.append(answer.cookies[SESSION_COOKIE])
        del self.unanswered[flow]
        self._answered()

    def _answered(self) -> None:
        self.patience -= 1
        if self.patience < 0:
            self.moment.set()


async def _kill_amidst(crowd: Crowd, api: Program, delay: float) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(CROWD):
            group.start_soon(crowd.press_in)
        await crowd.moment.wait()
        # Not a wait for anything: without it, every kill would come right after an answer.
        await anyio.sleep(delay)
        while not crowd.unanswered:
            await anyio.lowlevel.checkpoint()
        api.signal_group(signal.SIGKILL)
    api.wait_until_gone()


def _is_intact(database: Path) -> bool:
    with sqlite3.connect(database) as connection:
        verdicts = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return verdicts == [("ok",)]


async def _is_let_in(http: httpx.AsyncClient, token: str) -> bool:
    answer = await http.get(f"{API}/session", headers={"cookie": f"{SESSION_COOKIE}={token}"})
    assert answer.is_success, answer.text
    return answer.json()["authenticated"] is True


async def _ask_again(http: httpx.AsyncClient, flow: str, callback: str) -> None:
    """Repeat what was not answered: it may succeed for that browser now, once, and for no other ever."""
    stranger = await http.get(callback)
    same = await http.get(callback, headers={"cookie": flow})
    again = await http.get(callback, headers={"cookie": flow})
    assert stranger.json()["data"]["reason"] in {"flow_not_bound", "flow_used"}
    assert again.json()["data"]["reason"] == "flow_used"
    assert [*stranger.cookies, *again.cookies] == []
    if not same.has_redirect_location:
        assert same.json()["data"]["reason"] == "flow_used"
        assert SESSION_COOKIE not in same.cookies
        return
    assert await _is_let_in(http, same.cookies[SESSION_COOKIE])


@pytest.mark.parametrize("rounds", [2, pytest.param(10, marks=pytest.mark.full)])
async def test_no_session_is_lost_and_nobody_slips_in_when_it_is_killed_amidst_sign_ins(
    desk: Desk, rounds: int
) -> None:
    chance = random.Random(20261122)  # noqa: S311 - repeatable moments, no secrets
    crowds = [Crowd(desk, patience=chance.randrange(20, 90)) for _ in range(rounds)]
    for crowd in crowds:
        with desk.run() as api:
            await _kill_amidst(crowd, api, chance.uniform(0, 0.01))

        assert _is_intact(desk.database)

    assert all(crowd.let_in for crowd in crowds)
    assert any(crowd.unanswered for crowd in crowds)
    with desk.run():
        async with desk.client() as http:
            assert all([await _is_let_in(http, token) for crowd in crowds for token in crowd.let_in])
            for crowd in crowds:
                for flow, callback in crowd.unanswered.items():
                    http.cookies.clear()
                    await _ask_again(http, flow, callback)


async def test_no_worker_answers_on_when_the_main_process_is_killed_and_it_starts_again(desk: Desk) -> None:
    async with desk.client() as alice:
        with desk.run() as api, socket.create_connection(("127.0.0.1", desk.port)) as held:
            await sign_in(alice, desk.provider)
            assert len(api.process_ids()) > 1
            held.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert held.recv(12) == b"HTTP/1.1 200"

            api.signal_main(signal.SIGKILL)

            api.wait_until_gone()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", desk.port), source_address=("127.0.0.2", 0))
        with desk.run():
            assert await is_signed_in(alice)
