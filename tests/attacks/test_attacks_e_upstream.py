"""Catalogue E4 and E5: signing out at the provider, which may be away, and from which somebody comes back."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from netscript_auth_core.events import EventName
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.oracle import expect_no_secret, refused, secrets_of
from tests.attacks.world import EVIL, ISSUER, METADATA, SIGNED_OUT, SIGNOUT, World
from tests.support.auth_api import PUBLIC_URL
from tests.support.web_browser import WebBrowser

JSON = {"content-type": "application/json"}
RETRY = timedelta(minutes=5)


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """One in which something is left at the provider."""
    async with open_world(scopes=OFFLINE) as running:
        yield running


@pytest.fixture
async def round_trip() -> AsyncGenerator[World]:
    """One in which browsers are sent to the provider to be signed out there."""
    async with open_world(
        scopes=OFFLINE, end_session=True, ALLOWED_RETURN_TO="https://app.acme.example"
    ) as world:
        yield world


async def _sign_out(browser: WebBrowser, body: bytes = b"{}") -> httpx.Response:
    return await browser.fetch(SIGNOUT, method="POST", body=body, headers=JSON)


async def _led_on(browser: WebBrowser, address: str) -> str:
    """Open the address of ours that leads to the provider, and return the provider's."""
    answer = await browser.open(address, of_page=PUBLIC_URL)
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    return answer.headers["location"]


async def _at_the_provider(world: World, address: str) -> str:
    """Open the end-session address as the browser does, and return where the provider sends it."""
    async with httpx.AsyncClient(transport=world.idp.transport) as http:
        answer = await http.get(address)
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    return answer.headers["location"]


def _has_grants(world: World) -> bool:
    store = world.idp.provider.store
    known = (store.refresh_token(secret) for secret in world.wire.secrets)
    return any(not token.is_revoked() for token in known if token is not None)


@pytest.mark.parametrize("trouble", ["cut", "503", "hangs up"])
async def test_e4_a_provider_that_is_down_keeps_nobody_signed_in_and_is_told_later(
    world: World, trouble: str
) -> None:
    browser = world.browser()
    await world.sign_in(browser)
    copy = world.thief(browser)

    def answer(request: httpx.Request) -> httpx.Response | None:
        if trouble == "cut":
            raise httpx.ConnectError("refused", request=request)
        if trouble == "hangs up":
            raise httpx.RemoteProtocolError("closed", request=request)
        return httpx.Response(503)

    world.wire.answer = answer
    signed_out = await _sign_out(browser)

    assert signed_out.json() == {"signedOut": True, "ended": 1, "upstream": {"status": "pending"}}
    assert [await world.who(each) for each in (browser, copy)] == [None, None]
    assert _has_grants(world)
    world.wire.answer = lambda _: None
    world.clock.advance(RETRY)
    await world.backend.upkeep.run()
    assert not _has_grants(world)
    events = [event.name for event in world.events.taken[-3:]]
    assert events == [EventName.UPSTREAM_PENDING, EventName.SESSION_REVOKED, EventName.UPSTREAM_ENDED]
    expect_no_secret(secrets_of(world), world.log.texts, "the log")
    expect_no_secret(secrets_of(world), map(repr, world.events.taken), "an event")


async def test_e4_whichever_worker_comes_first_tells_it(world: World) -> None:
    browser = world.browser()
    await world.sign_in(browser)
    await world.add_worker()
    world.wire.answer = lambda _: httpx.Response(503)
    await _sign_out(browser)
    world.wire.answer = lambda _: None
    world.clock.advance(RETRY)

    for backend in world.backends:
        await backend.upkeep.run()

    assert not _has_grants(world)
    assert world.wire.paths["/revoke"] == 2


async def test_e4_an_end_session_endpoint_that_cannot_be_found_out_keeps_nobody_signed_in(
    round_trip: World,
) -> None:
    world, browser = round_trip, round_trip.browser()
    await world.sign_in(browser)
    later = world.thief(browser, await world.add_worker())
    world.wire.answer = lambda request: httpx.Response(503) if request.url.path == METADATA else None

    signed_out = await _sign_out(later)

    assert signed_out.json() == {"signedOut": True, "ended": 1, "upstream": {"status": "pending"}}
    assert await world.who(browser) is None


async def test_e5_the_browser_goes_there_and_comes_back_to_its_destination(round_trip: World) -> None:
    world, browser = round_trip, round_trip.browser()
    await world.sign_in(browser)

    answer = await browser.submit(SIGNOUT, [("redirectTo", "https://app.acme.example/bye")])

    address = await _led_on(browser, answer.headers["location"])
    query = parse_qs(urlsplit(address).query)
    assert answer.status_code == httpx.codes.SEE_OTHER
    assert address.startswith(f"{ISSUER}/end_session?")
    assert {name: len(values) for name, values in query.items()} == dict.fromkeys(
        ("id_token_hint", "client_id", "post_logout_redirect_uri", "state"), 1
    )
    back = await _at_the_provider(world, address)
    assert back == f"{SIGNED_OUT}?state={query['state'][0]}"
    arrived = await browser.open(back, of_page=ISSUER)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "https://app.acme.example/bye")
    again = await browser.open(back, of_page=ISSUER)
    assert (again.status_code, "location" in again.headers) == (200, False)
    assert not _has_grants(world)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state=",
        "?state=wrong",
        "?state={state}&state={state}",
        "?state={state}x",
        "?redirectTo=" + EVIL,
        "?state=wrong&post_logout_redirect_uri=" + EVIL,
    ],
)
async def test_e5_with_a_wrong_state_or_none_a_page_is_shown_and_nobody_is_led_on(
    round_trip: World, query: str
) -> None:
    world, browser = round_trip, round_trip.browser()
    await world.sign_in(browser)
    answer = await browser.submit(SIGNOUT, [("redirectTo", "https://app.acme.example/bye")])
    state = parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]

    page = await browser.open(f"{SIGNED_OUT}{query.format(state=state)}", of_page=ISSUER)

    assert (page.status_code, "location" in page.headers) == (200, False)
    assert EVIL not in page.text


async def test_e5_a_state_of_one_browser_leads_no_other(round_trip: World) -> None:
    world, victim, attacker = round_trip, round_trip.browser(), round_trip.browser()
    addresses: list[str] = []
    for browser, path in ((victim, "bye"), (attacker, "elsewhere")):
        await world.sign_in(browser)
        form = [("redirectTo", f"https://app.acme.example/{path}")]
        addresses.append(await _led_on(browser, (await browser.submit(SIGNOUT, form)).headers["location"]))

    page = await victim.open(await _at_the_provider(world, addresses[1]), of_page=EVIL)

    assert (page.status_code, "location" in page.headers) == (200, False)


async def test_e5_no_foreign_host_is_a_destination(round_trip: World) -> None:
    world, browser = round_trip, round_trip.browser()
    await world.sign_in(browser)

    sent = _sign_out(browser, b'{"redirectTo":"%s"}' % EVIL.encode())
    await refused(world, sent, 403, "redirect_not_allowed", event=EventName.REQUEST_REFUSED)

    assert await world.who(browser) == "Alice Example"


@pytest.mark.parametrize(
    "endpoint", ["javascript:alert(1)", "//evil.example/", "http://evil.example/", f"{EVIL}\\@idp.localhost/"]
)
async def test_e5_metadata_that_went_bad_leads_no_browser_astray(round_trip: World, endpoint: str) -> None:
    world, browser = round_trip, round_trip.browser()
    world.change(METADATA, lambda members: {**members, "end_session_endpoint": endpoint})
    await world.sign_in(browser)

    answer = await browser.submit(SIGNOUT, [])

    assert answer.headers["location"] == "/signed-out"
    assert await world.who(browser) is None


async def test_e5_nobody_learns_the_id_token_but_the_browser_that_is_sent(round_trip: World) -> None:
    world, browser = round_trip, round_trip.browser()
    await world.sign_in(browser)

    await _led_on(browser, (await browser.submit(SIGNOUT, [])).headers["location"])

    expect_no_secret(secrets_of(world), world.log.texts, "the log")
    expect_no_secret(secrets_of(world), map(repr, world.events.taken), "an event")
