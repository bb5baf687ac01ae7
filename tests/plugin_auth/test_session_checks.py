"""``/session`` and ``/me``, answered alike in front of the framework and through it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from netscript_auth_core.contract_v1 import encode_views
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.service.service import Service
from netscript_plugin_auth.cookie_header import CookieReader
from netscript_plugin_auth.hot_path import SessionChecks
from netscript_plugin_auth.visitor import Visitors
from tests.support.auth_api import PREFIX, SAME_ORIGIN, SESSION_COOKIE, AuthApi, client_of, running_auth_api
from tests.support.auth_backends import DenyingBackend, RelayingBackend

PATHS = ("session", "me")


@dataclass(frozen=True)
class BothWays:
    """One service on each chain, sharing everything else."""

    api: AuthApi
    through: Service

    async def ask(self, path: str, *, method: str = "GET", **request: Any) -> httpx.Response:
        """Ask both, make sure that they agree in everything but the request's id, and return one answer."""
        answers: list[httpx.Response] = []
        for service in (self.api.service, self.through):
            async with client_of(service, {"accept": "*/*"}) as client:
                answers.append(await client.request(method, f"{PREFIX}/{path}", **request))
        front, behind = (_comparable(answer) for answer in answers)
        assert front == behind
        return answers[0]


def _comparable(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    own = {"x-request-id", "content-length"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    body: dict[str, Any] = answer.json() if answer.content else {}
    return answer.status_code, {**body, "request_id": None}, headers


@asynccontextmanager
async def both_ways(*args: Any) -> AsyncGenerator[BothWays]:
    async with running_auth_api(*args) as front, running_auth_api(*args, hot_routes_in_front=False) as other:
        vars(other.backend).update(vars(front.backend))
        yield BothWays(front, other.service)


@pytest.fixture
async def both() -> AsyncGenerator[BothWays]:
    async with both_ways() as ways:
        yield ways


async def signed_in(api: AuthApi) -> str:
    """Return the token of a new session."""
    async with api.browser() as browser:
        await api.sign_in(browser)
        return str(browser.cookies[SESSION_COOKIE])


def cookie(value: str) -> dict[str, str]:
    return {"cookie": f"{SESSION_COOKIE}={value}"}


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_is_told_so_and_nothing_is_set(both: BothWays, path: str) -> None:
    answer = await both.ask(path)

    assert (answer.status_code, answer.json()) == (200, {"authenticated": False, "reason": "no_session"})
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-store", "Cookie, Authorization")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_somebody_is_told_who_and_no_token(both: BothWays, path: str) -> None:
    token = await signed_in(both.api)

    answer = await both.ask(path, headers=cookie(token))

    assert answer.status_code == 200
    assert answer.json()["authenticated"] is True
    assert answer.json()["session"]["state"] == "active"
    assert ("user" in answer.json()) is (path == "me")
    assert token not in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_answers_that_the_backend_keeps_are_the_answers(both: BothWays, path: str) -> None:
    token = await signed_in(both.api)
    plain = await both.ask(path, headers=cookie(token))
    authenticate = both.api.backend.authenticate

    async def with_views(request: AuthRequest) -> Authenticated:
        outcome = await authenticate(request)
        assert isinstance(outcome, Authenticated)
        return Authenticated(lambda: outcome.identity, encode_views(outcome.identity))

    vars(both.api.backend)["authenticate"] = with_views
    encoded = await both.ask(path, headers=cookie(token))

    assert encoded.content == plain.content


@pytest.mark.parametrize("path", PATHS)
async def test_a_renewed_cookie_is_left_and_is_no_part_of_the_headers_that_are_remembered(path: str) -> None:
    outcomes = [Anonymous(AnonymousReason.NO_SESSION, cookies=(each,)) for each in ("a=1", "b=2")]

    async def authenticate(request: AuthRequest) -> Anonymous:
        del request
        return outcomes.pop(0)

    checks = SessionChecks(authenticate, Visitors(CookieReader(SESSION_COOKIE)))

    first, second = [await getattr(checks, path)({"type": "http", "headers": []}) for _ in "12"]

    assert first.headers == second.headers
    assert [*first.more, *second.more] == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (f"{SESSION_COOKIE}=", "cookie_malformed"),
        (f"{SESSION_COOKIE}=%", "cookie_malformed"),
        (f"{SESSION_COOKIE}=%ZZ", "cookie_malformed"),
        (f'{SESSION_COOKIE}="quoted"', "cookie_malformed"),
        (f"{SESSION_COOKIE}=" + "x" * 100_000, "cookie_malformed"),
        (f"{SESSION_COOKIE}=".encode() + b"\xff\xfe", "cookie_malformed"),
        (f"{SESSION_COOKIE}=" + "x" * 43, "session_unknown"),
        (f"{SESSION_COOKIE}=a; {SESSION_COOKIE}=a", "cookie_ambiguous"),
        (f"netscript-session={'x' * 43}", "no_session"),
        (f"{SESSION_COOKIE.lower()}={'x' * 43}", "no_session"),
        ("a=%; b=%ZZ; " + "c=d; " * 20_000, "no_session"),
    ],
)
async def test_a_cookie_that_is_no_session_is_nobodys(
    both: BothWays, path: str, sent: str | bytes, reason: str
) -> None:
    answer = await both.ask(path, headers={"cookie": sent})

    assert (answer.status_code, answer.json()) == (200, {"authenticated": False, "reason": reason})
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_other_cookies_however_broken_do_not_disturb(both: BothWays, path: str) -> None:
    token = await signed_in(both.api)
    line = b'%zz=%; "; =;; \xff=\x80; ' + f"{SESSION_COOKIE}={token}; x={SESSION_COOKIE}".encode()

    answer = await both.ask(path, headers={"cookie": line})

    assert answer.json()["authenticated"] is True


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("seconds", "reason"), [(-1, None), (0, "session_expired"), (1, "session_expired")])
async def test_a_session_ends_at_its_idle_limit_to_the_second(
    both: BothWays, path: str, seconds: int, reason: str | None
) -> None:
    token = await signed_in(both.api)

    both.api.clock.advance(timedelta(hours=24, seconds=seconds))
    answer = await both.ask(path, headers=cookie(token))

    assert (answer.json()["authenticated"], answer.json().get("reason")) == (reason is None, reason)


@pytest.mark.parametrize("path", PATHS)
async def test_a_revoked_session_is_nobodys_at_once(both: BothWays, path: str) -> None:
    token = await signed_in(both.api)
    async with both.api.browser() as browser:
        await browser.post(f"{PREFIX}/signout", headers={**SAME_ORIGIN, **cookie(token)})

    answer = await both.ask(path, headers=cookie(token))

    assert answer.json() == {"authenticated": False, "reason": "session_revoked"}


@pytest.mark.parametrize("path", PATHS)
async def test_an_outage_is_unknown_never_anonymous_and_leaves_the_cookie(both: BothWays, path: str) -> None:
    token = await signed_in(both.api)

    async with both.api.outage():
        answer = await both.ask(path, headers=cookie(token))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["code"] == "AUTH_BACKEND_UNAVAILABLE"
    assert "set-cookie" not in answer.headers
    assert "authenticated" not in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_somebody_who_may_not_come_in_is_told_the_reason(path: str) -> None:
    async with both_ways(DenyingBackend) as both:
        answer = await both.ask(path)

    assert (answer.status_code, answer.json()) == (
        200,
        {"authenticated": False, "reason": "account_disabled"},
    )


@pytest.mark.parametrize("path", PATHS)
async def test_head_is_get_without_the_body(both: BothWays, path: str) -> None:
    answer = await both.ask(path, method="HEAD")

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(b'{"authenticated":false,"reason":"no_session"}')


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
async def test_other_methods_are_not_offered(both: BothWays, path: str, method: str) -> None:
    answer = await both.ask(path, method=method)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_anywhere_but_in_our_cookie_lets_nobody_in(both: BothWays, path: str) -> None:
    token = await signed_in(both.api)
    headers = {
        "authorization": f"Bearer {token}",
        "x-session-id": token,
        SESSION_COOKIE: token,
        "cookie": f"session={token}",
    }
    query = {"sessionId": token, SESSION_COOKIE: token, "cookie": f"{SESSION_COOKIE}={token}"}

    answer = await both.ask(path, params=query, headers=headers, json={"sessionId": token})

    assert answer.json() == {"authenticated": False, "reason": "no_session"}


@pytest.mark.parametrize("path", PATHS)
async def test_a_foreign_host_is_not_answered_and_told_where_hosts_are_named(
    both: BothWays, path: str
) -> None:
    answer = await both.ask(path, headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "NETSCRIPT_AUTH_PUBLIC_URL and NETSCRIPT_AUTH_ALLOWED_HOSTS" in answer.json()["detail"]
    assert "acme" not in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_the_answers_keep_the_headers_that_every_answer_has(both: BothWays, path: str) -> None:
    answer = await both.ask(path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (
        answer.headers["content-security-policy"]
        == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("path", [*PATHS, "sessions"])
async def test_what_the_upstream_leaves_in_the_browser_goes_along(path: str) -> None:
    async with running_auth_api(RelayingBackend) as api, api.browser() as browser:
        nobody = await browser.get(f"{PREFIX}/{path}")
        browser.cookies.set(SESSION_COOKIE, await signed_in(api))
        somebody = await browser.get(f"{PREFIX}/{path}")

    assert somebody.headers.get_list("set-cookie") == list(RelayingBackend.lines)
    if path in PATHS:
        assert nobody.headers.get_list("set-cookie") == list(RelayingBackend.lines)


@pytest.mark.parametrize("path", PATHS)
async def test_what_the_upstream_leaves_reaches_whoever_may_not_come_in_too(path: str) -> None:
    async with running_auth_api(DenyingBackend) as api, api.browser() as browser:
        answer = await browser.get(f"{PREFIX}/{path}")

    assert answer.headers.get_list("set-cookie") == list(DenyingBackend.lines)
