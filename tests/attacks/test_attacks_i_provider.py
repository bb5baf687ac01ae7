"""Catalogue I1, the provider: it is needed to sign in, and for nothing else."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from netscript_auth_kv_oauth.provider import provider_http
from tests.attacks.oracle import refused
from tests.attacks.world import METADATA, SIGNIN, World
from tests.kv_oauth.wire import Pause
from tests.support.auth_api import PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

READS = ("session", "me", "sessions")
AWAY, NONSENSE = (503, "backend_unavailable"), (502, "provider_protocol")
# Long enough that every token of the provider has ended, and its metadata is stale.
LATER = timedelta(hours=2)


def _raising(error: type[httpx.TransportError], cause: Exception | None = None) -> httpx.TransportError:
    raised = error("https://user:secret@idp.localhost")
    raised.__cause__ = cause
    return raised


Fault = Callable[[], httpx.Response | httpx.TransportError]
FAULTS: dict[str, Fault] = {
    "refuses": lambda: _raising(httpx.ConnectError, ConnectionRefusedError()),
    "has no address": lambda: _raising(httpx.ConnectError, OSError(-2, "Name or service not known")),
    "resets": lambda: _raising(httpx.ReadError, ConnectionResetError()),
    "breaks off": lambda: _raising(httpx.RemoteProtocolError),
    "takes 30 s": lambda: _raising(httpx.ReadTimeout),
    "does not let us in": lambda: _raising(httpx.ConnectTimeout),
    "has a wrong certificate": lambda: _raising(httpx.ConnectError, ssl.SSLCertVerificationError("secret")),
    "429": lambda: httpx.Response(429, headers={"retry-after": "86400"}),
    "500": lambda: httpx.Response(500, html="<p>Oops"),
    "503": lambda: httpx.Response(503),
    "half a body": lambda: httpx.Response(200, content=b'{"issuer":"https://idp.localh'),
    "half of what it announced": lambda: httpx.Response(200, stream=_BreaksOff()),
}


class _BreaksOff(httpx.AsyncByteStream):
    async def __aiter__(self):  # type: ignore[no-untyped-def]  # as the base class has it
        yield b'{"access_token":'
        raise httpx.ReadError("the peer closed the connection")


def _fail(world: World, fault: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        made = FAULTS[fault]()
        if isinstance(made, httpx.TransportError):
            raise made
        return made

    world.wire.answer = answer


@pytest.mark.parametrize("fault", FAULTS)
async def test_i1_a_provider_that_is_away_keeps_nobody_from_being_recognised(
    world: World, victim: WebBrowser, fault: str
) -> None:
    await world.sign_in(victim)
    token = victim.jar.value(SESSION_COOKIE)
    _fail(world, fault)
    world.clock.advance(LATER)

    answers = [await victim.fetch(f"{PREFIX}/{name}") for name in READS]
    health = await victim.fetch("/health/ready")

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json()["authenticated"] for answer in answers[:2]] == [True, True]
    assert not [answer for answer in answers if "set-cookie" in answer.headers]
    assert health.status_code == httpx.codes.OK
    assert victim.jar.value(SESSION_COOKIE) == token


@pytest.mark.parametrize("fault", FAULTS)
async def test_i1_a_provider_that_is_away_when_a_sign_in_ends_is_an_outage_and_costs_nobody_a_session(
    world: World, victim: WebBrowser, fault: str
) -> None:
    await world.sign_in(victim, "bob")
    callback = await world.agree(victim, "alice")
    _fail(world, fault)

    await refused(world, world.come_back(victim, callback), *(NONSENSE if fault == "half a body" else AWAY))

    assert await world.who(victim) == "Bob Example"


@pytest.mark.parametrize("fault", FAULTS)
async def test_i1_a_provider_that_is_away_from_the_start_lets_nobody_begin_and_signs_nobody_out(
    world: World, victim: WebBrowser, fault: str
) -> None:
    await world.sign_in(victim)
    later = world.thief(victim, await world.add_worker())
    _fail(world, fault)

    await refused(world, later.open(SIGNIN), *AWAY)

    assert await world.who(later) == "Alice Example"
    assert [event.reason for event in world.events.taken if event.reason] == ["backend_unavailable"]


async def test_i1_a_provider_that_never_answers_is_given_up_within_our_limit(
    world: World, victim: WebBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = await world.agree(victim)
    world.sites.held["/token"] = Pause()
    monkeypatch.setattr(provider_http, "TOTAL_LIMIT", timedelta(0))

    await refused(world, world.come_back(victim, callback), *AWAY)


async def test_i1_while_a_provider_hangs_everybody_else_is_answered(world: World, victim: WebBrowser) -> None:
    reader, callback = world.browser(), await world.agree(victim)
    await world.sign_in(reader, "bob")
    pause = world.sites.held["/token"] = Pause()
    hung = asyncio.create_task(world.come_back(victim, callback))
    await pause.reached()

    assert await world.who(reader) == "Bob Example"
    assert (await reader.fetch(f"{PREFIX}/sessions")).status_code == 200
    assert (await reader.open(SIGNIN)).status_code == 302
    assert (await reader.submit(f"{PREFIX}/signout", [])).status_code == 303
    assert not hung.done(), "all that was answered while the first one waited"

    world.sites.held.clear()
    pause.release()
    assert (await hung).status_code == 303
    assert await world.who(victim) == "Alice Example"


async def test_i1_sign_ins_that_wait_for_a_hanging_provider_hold_up_no_read(world: World) -> None:
    reader = world.browser()
    await world.sign_in(reader)
    worker = await world.add_worker()  # which knows nothing of the provider yet
    elsewhere = world.thief(reader, worker)
    pause = world.sites.held[METADATA] = Pause()
    waiting = [asyncio.create_task(world.browser(worker).open(SIGNIN)) for _ in range(20)]
    await pause.reached()

    assert await world.who(elsewhere) == "Alice Example"
    assert not [each for each in waiting if each.done()]

    world.sites.held.clear()
    pause.release()
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {302}
