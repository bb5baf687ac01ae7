"""What must hold whenever something is refused, and where secrets must never turn up."""

import re
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx

from netscript_auth_core.events import AuthEvent, EventName
from netscript_kernel.ids import encode_base64url
from tests.attacks.world import CLIENT_SECRET, NEW_KEY, OLD_KEY, World
from tests.support.auth_api import FLOW_PREFIX, SESSION_COOKIE
from tests.support.cookie_jar import parse_set_cookie
from tests.support.web_browser import WebBrowser

_SHORTEST_SECRET = 16
_IN_ADDRESSES = frozenset({"state", "nonce", "code"})
_OF_TOKEN_REQUESTS = ("code", "code_verifier", "refresh_token")
_REASON_ON_A_PAGE = re.compile(r"<dt>Reason</dt><dd><code>([a-z_]+)</code>")
_OUTAGE = 503
_OUT_OF_PROTOCOL = 502


@dataclass(frozen=True)
class _Mark:
    records: int
    events: int
    lines: int


async def refused(
    world: World,
    request: Awaitable[httpx.Response],
    status: int,
    reason: str,
    *,
    event: EventName | None = EventName.SIGNIN_FAILED,
    told: str | None = None,
) -> httpx.Response:
    """Send a request, and make sure that it is refused as it must be: this is the catalogue's general oracle.

    Args:
        world: Where it is sent.
        request: Sends it.
        status: Which the answer must have: 4xx for what is wrong with the request, 503 for an outage, 502 for
            a provider that makes no sense.
        reason: What the answer must name.
        event: What the audit must have been told, once; ``None`` where no endpoint takes such a request (404,
            405), so that nobody asked for anything.
        told: The reason that the audit must have been told, where it is more precise than the answer's.
    """
    mark = _Mark(len(world.store.made), len(world.events.taken), len(world.log.texts))
    answer = await request
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert 400 <= status < 500 or status in {_OUTAGE, _OUT_OF_PROTOCOL}
    assert (status == _OUTAGE) == ("retry-after" in answer.headers)
    assert reason_of(answer) == reason
    assert world.store.sessions_since(mark.records) == []
    assert not [line for line in answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE)]
    assert answer.headers["cache-control"] == "no-store"
    _expect_event(world, mark, answer, event, told or reason)
    expect_no_secret(secrets_of(world), [answer.text], "the answer")
    expect_no_secret(secrets_of(world), world.log.texts[mark.lines :], "the log")
    expect_no_secret(secrets_of(world), map(repr, world.events.taken[mark.events :]), "an event")
    return answer


async def refused_at_the_end(
    world: World, browser: WebBrowser, status: int, reason: str, *, person: str = "alice"
) -> AuthEvent:
    """Sign in at the provider, come back, be refused as it must be; return what the audit was told."""
    before = await world.who(browser)
    callback = await world.agree(browser, person)
    await refused(world, world.come_back(browser, callback), status, reason)
    assert await world.who(browser) == before
    return world.events.taken[-1]


def reason_of(answer: httpx.Response) -> str:
    """Return the reason code of a refusal, whether a person or a program is told."""
    if answer.headers["content-type"].startswith("text/html"):
        found = _REASON_ON_A_PAGE.search(answer.text)
        return found[1] if found else "no reason"
    assert answer.headers["content-type"] == "application/problem+json", answer.headers
    body = answer.json()
    return str(body.get("data", {}).get("reason") or body["code"].lower())


def secrets_of(world: World) -> set[str]:
    """Return every secret that came into being so far, wherever it passed."""
    found = {CLIENT_SECRET, *(encode_base64url(key) for key in (OLD_KEY, NEW_KEY)), *world.wire.secrets}
    found |= {
        form[name] for form in world.wire.forms("/token") for name in _OF_TOKEN_REQUESTS if name in form
    }
    for browser in world.browsers:
        for answer in browser.unread():
            world.secrets |= _of_address(str(answer.request.url)) | _of_cookies(answer)
            world.secrets |= _of_address(answer.headers.get("location", ""))
    return {secret for secret in found | world.secrets if len(secret) >= _SHORTEST_SECRET}


def expect_no_secret(secrets: Iterable[str], texts: Iterable[str], where: str) -> None:
    """Make sure that no text holds a secret."""
    known = set(secrets)
    for text in texts:
        leaked = [secret for secret in known if secret in text]
        assert not leaked, f"{where} holds {leaked}: {text[:2000]}"


def _expect_event(
    world: World, mark: _Mark, answer: httpx.Response, event: EventName | None, reason: str
) -> None:
    taken = world.events.taken[mark.events :]
    if event is None:
        assert taken == []
        return
    assert [(each.name, each.reason) for each in taken] == [(event, reason)]
    assert taken[0].request_id == answer.headers["x-request-id"]


def _of_address(address: str) -> set[str]:
    return {value for name, value in parse_qsl(urlsplit(address).query) if name in _IN_ADDRESSES}


def _of_cookies(answer: httpx.Response) -> set[str]:
    cookies = [parse_set_cookie(line) for line in answer.headers.get_list("set-cookie")]
    return {each.value for each in cookies if each.name.startswith((SESSION_COOKIE, FLOW_PREFIX))}
