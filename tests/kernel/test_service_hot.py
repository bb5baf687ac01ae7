"""Hot routes answer as the main chain would, only sooner."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import httpx
import pytest
from starlette.types import Message, Scope

from netscript_kernel.contracts import UNAUTHORIZED, Contract, WireModel, get
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.request_context import REQUEST_ID
from netscript_kernel.service.hot import HotAnswer, HotRoute, HotTree
from netscript_kernel.service.implementation import implement
from netscript_kernel.service.problems import ProblemError
from netscript_kernel.service.service import Service
from netscript_kernel.service.settings import ServiceSettings
from tests.kernel.sample_service import HOST, SETTINGS, browsing, sample_service

ORIGIN = "https://app.acme.example"
WITH_ORIGINS = replace(SETTINGS, allowed_origins=frozenset({ORIGIN}))
JSON = (b"content-type", b"application/json")


async def answer(scope: Scope) -> HotAnswer:
    return HotAnswer(200, (JSON, (b"vary", b"Cookie")), b'{"signedIn":true}')


async def own_headers(scope: Scope) -> HotAnswer:
    policy = (b"content-security-policy", b"default-src 'self'")
    cookies = ((b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Path=/"))
    return HotAnswer(200, [JSON, policy, *cookies, (b"cache-control", b"max-age=60")], b"{}")


async def nothing(scope: Scope) -> HotAnswer:
    return HotAnswer(204, (), b"")


async def refuse(scope: Scope) -> HotAnswer:
    raise ProblemError(UNAUTHORIZED, data={"why": "no cookie"}, headers={"WWW-Authenticate": "Cookie"})


async def out_of_store(scope: Scope) -> HotAnswer:
    raise StoreUnavailableError("sqlite", "locked")


async def broken(scope: Scope) -> HotAnswer:
    raise KeyError("hunter2")


ROUTES = [
    HotRoute("GET", f"/hot/{handler.__name__}", handler)
    for handler in (answer, own_headers, nothing, refuse, out_of_store, broken)
]
PATHS = [route.path for route in ROUTES]


def hot_service(settings: ServiceSettings = SETTINGS, **options: Any) -> Service:
    return sample_service(settings, hot_routes=ROUTES, **options)


@cache
def both_ways(settings: ServiceSettings) -> tuple[Service, Service]:
    return hot_service(settings), hot_service(settings, hot_routes_in_front=False)


def comparable(response: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    return response.status_code, sorted(response.headers.multi_items()), response.content


REQUESTS: list[tuple[str, dict[str, str] | list[tuple[str, str]]]] = [
    ("GET", {}),
    ("HEAD", {}),
    ("POST", {}),
    ("OPTIONS", {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}),
    ("OPTIONS", {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}),
    ("GET", {"Origin": ORIGIN}),
    ("GET", {"Origin": "https://evil.example"}),
    ("GET", [("Origin", ORIGIN), ("Origin", "https://evil.example")]),
    ("GET", [("Origin", "https://evil.example"), ("Origin", ORIGIN)]),
    ("GET", {"Host": "evil.example"}),
    ("HEAD", {"Host": "evil.example", "Origin": ORIGIN}),
    ("GET", {"Host": f"{HOST}:8094"}),
    ("GET", {"Cookie": "a=b", "Accept": "text/html"}),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("method", "headers"), REQUESTS)
@pytest.mark.parametrize("settings", [SETTINGS, WITH_ORIGINS], ids=["closed", "origins"])
async def test_both_chains_answer_alike(
    settings: ServiceSettings, method: str, headers: Mapping[str, str] | list[tuple[str, str]], path: str
) -> None:
    asked = httpx.Headers(headers)
    asked["X-Request-ID"] = "abcd-1234"

    async with browsing(both_ways(settings)[0].app) as hot:
        in_front = await hot.request(method, path, headers=asked)
    async with browsing(both_ways(settings)[1].app) as main:
        behind = await main.request(method, path, headers=asked)

    assert comparable(in_front) == comparable(behind)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_both_chains_send_hsts_alike(scheme: str) -> None:
    asked = {"X-Request-ID": "abcd-1234"}

    async with browsing(hot_service().app, base_url=f"{scheme}://{HOST}") as hot:
        in_front = await hot.get("/hot/answer", headers=asked)
    async with browsing(hot_service(hot_routes_in_front=False).app, base_url=f"{scheme}://{HOST}") as main:
        behind = await main.get("/hot/answer", headers=asked)

    assert comparable(in_front) == comparable(behind)


@pytest.mark.parametrize("settings", [SETTINGS, WITH_ORIGINS], ids=["closed", "with origins"])
async def test_no_answer_leaves_a_trace_in_the_next_one(settings: ServiceSettings) -> None:
    asked: list[tuple[str, dict[str, str]]] = [("http", {}), ("https", {}), ("http", {"Origin": ORIGIN})]
    hot, main = hot_service(settings), hot_service(settings, hot_routes_in_front=False)

    for scheme, headers in [*asked, *reversed(asked)]:
        answers: list[httpx.Response] = []
        for service in (hot, main):
            async with browsing(service.app, base_url=f"{scheme}://{HOST}") as browser:
                answers.append(
                    await browser.get("/hot/answer", headers={**headers, "X-Request-ID": "abcd-1234"})
                )
        assert comparable(answers[0]) == comparable(answers[1])


async def test_a_hot_answer_is_sent_in_two_messages() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("a hot route reads no body")

    scope = {"type": "http", "method": "GET", "path": "/hot/answer", "headers": [(b"host", HOST.encode())]}
    await hot_service().app(scope, receive, send)

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[1]["body"] == b'{"signedIn":true}'


async def test_two_host_headers_are_refused_in_front_too() -> None:
    async with browsing(hot_service().app) as http:
        refused = await http.get("/hot/answer", headers=[("Host", HOST), ("Host", HOST)])

    assert refused.status_code == 400


async def test_an_outage_is_503_with_retry_after_and_no_inner_text() -> None:
    async with browsing(hot_service().app) as http:
        refused = await http.get("/hot/out_of_store")

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "sqlite" not in refused.text


async def test_hot_routes_are_counted_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    service = hot_service()

    with caplog.at_level(logging.INFO, "netscript.access"):
        async with browsing(service.app) as http:
            await http.get("/hot/answer")
            await http.head("/hot/answer")
            await http.get("/hot/broken")

    counts = {name: (count.answered, count.failed) for name, count in service.hot_counts.items()}
    assert counts["GET /hot/answer"] == (2, 0)
    assert counts["GET /hot/broken"] == (1, 1)
    assert [record for record in caplog.records if record.name == "netscript.access"] == []


async def test_hot_routes_are_logged_when_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    service = hot_service(replace(SETTINGS, access_log_hot=True))

    with caplog.at_level(logging.INFO, "netscript.access"):
        async with browsing(service.app) as http:
            await http.get("/hot/answer?code=hunter2")

    (record,) = [vars(record) for record in caplog.records if record.name == "netscript.access"]
    assert (record["method"], record["route"], record["status"]) == ("GET", "/hot/answer", 200)


async def test_the_request_id_is_known_inside_and_gone_afterwards() -> None:
    seen: list[str | None] = []

    async def remember(scope: Scope) -> HotAnswer:
        seen.append(REQUEST_ID.get())
        return HotAnswer(200, (JSON,), b"{}")

    service = sample_service(hot_routes=[HotRoute("GET", "/hot/id", remember)])
    async with browsing(service.app) as http:
        await http.get("/hot/id", headers={"X-Request-ID": "abcd-1234"})

    assert seen == ["abcd-1234"]
    assert REQUEST_ID.get() is None


class Signed(WireModel):
    signed_in: bool


class MeV1(Contract, name="me", version="v1", prefix="/api/v1"):
    me = get("/me").output(Signed)


async def test_an_operation_of_a_contract_may_be_hot_and_stays_documented() -> None:
    me = implement(MeV1)
    me.handles_hot(MeV1.me)(answer)
    service = sample_service(implementations=[me])

    async with browsing(service.app) as http:
        got = await http.get("/api/v1/me")
        refused = await http.post("/api/v1/me")

    assert got.json() == {"signedIn": True}
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert "/api/v1/me" in service.openapi()["paths"]
    assert service.hot_counts["GET /api/v1/me"].answered == 1


def test_two_hot_routes_on_one_place_are_refused() -> None:
    with pytest.raises(TypeError, match="GET /hot/answer"):
        sample_service(hot_routes=[ROUTES[0], ROUTES[0]])


@pytest.mark.parametrize("in_front", [True, False])
async def test_a_tree_answers_every_method_and_path_below_it_and_preflights_too(in_front: bool) -> None:
    service = hot_service(
        WITH_ORIGINS, hot_trees=[HotTree("/hot/tree/", refuse)], hot_routes_in_front=in_front
    )
    preflight = {"origin": ORIGIN, "access-control-request-method": "GET"}

    async with browsing(service.app) as http:
        below = [await http.request(method, "/hot/tree/a/b", headers=preflight) for method in METHODS]
        beside = [await http.get(path) for path in ("/hot/tree", "/hot/trees/a", "/hot/answer")]

    assert {answer.status_code for answer in below} == {401}
    assert [answer.status_code for answer in beside] == [404, 404, 200]
    assert service.hot_counts["* /hot/tree/*"].answered == len(METHODS)


METHODS = ("GET", "HEAD", "POST", "OPTIONS", "TRACE", "PROPFIND")
