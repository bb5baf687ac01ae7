"""What every request passes on its way to a route, and every response on its way back."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message, Receive, Scope, Send

from netscript_kernel.service.request_ids import request_id_from
from netscript_kernel.service.service import Service
from netscript_kernel.service.settings import ServiceSettings
from tests.kernel.sample_service import HOST, SETTINGS, browsing, sample_service

ORIGIN = "https://app.acme.example"
NOTE = "/api/v1/notes/n1"
WITH_ORIGINS = replace(SETTINGS, allowed_origins=frozenset({ORIGIN}))


@pytest.fixture
async def http() -> AsyncGenerator[httpx.AsyncClient]:
    async with browsing(sample_service().app) as client:
        yield client


def with_routes(*routes: BaseRoute, settings: ServiceSettings = SETTINGS) -> Service:
    return sample_service(settings, routes=routes)


async def refuse(_: Request) -> Response:
    raise RuntimeError("password=hunter2 at /etc/secret")


# Request ids


@pytest.mark.parametrize("given", ["abcd-EFGH_1234", "x" * 8, "x" * 64])
async def test_a_sane_request_id_is_kept(http: httpx.AsyncClient, given: str) -> None:
    answer = await http.get(NOTE, headers={"X-Request-ID": given})

    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "with space", "semi;colon", 'quote"quote', "näher-als", ""]
)
async def test_any_other_request_id_is_replaced(http: httpx.AsyncClient, given: str) -> None:
    answer = await http.get(NOTE, headers=[(b"X-Request-ID", given.encode())])

    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 24


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/notes/gone", "/health/live"])
async def test_refusals_carry_the_request_id_in_header_and_body(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path, headers={"X-Request-ID": "abcd-1234"})

    assert answer.headers["x-request-id"] == "abcd-1234"
    assert answer.json().get("request_id", "abcd-1234") == "abcd-1234"


async def test_two_requests_have_two_ids(http: httpx.AsyncClient) -> None:
    first, second = await http.get(NOTE), await http.get(NOTE)

    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_new_ids_are_pairwise_distinct() -> None:
    made = {request_id_from(None) for _ in range(1000)}

    assert len(made) == 1000


FORKING = """
import os
from netscript_kernel.service.request_ids import request_id_from

request_id_from(None)
reader, writer = os.pipe()
if os.fork() == 0:
    os.write(writer, request_id_from(None))
    os._exit(0)
theirs = os.read(reader, 64)
assert len(theirs) == 24
assert theirs not in {request_id_from(None) for _ in range(300)}
"""


def test_a_forked_process_makes_ids_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


# Hosts


@pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}:8095", "localhost:8094", "[::1]", "[::1]:80"])
async def test_allowed_hosts_are_answered(host: str) -> None:
    settings = ServiceSettings(allowed_hosts=frozenset({HOST, "localhost:8094", "[::1]"}))

    async with browsing(sample_service(settings).app) as http:
        answer = await http.get(NOTE, headers={"Host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"{HOST}.evil.example",
        f"evil.{HOST}",
        f"{HOST}:x",
        f"{HOST}@evil",
        "localhost",
        "",
        f"{HOST}.",
    ],
)
async def test_foreign_hosts_are_refused_with_all_headers(host: str) -> None:
    settings = ServiceSettings(allowed_hosts=frozenset({HOST, "localhost:8094"}))

    async with browsing(sample_service(settings).app) as http:
        answer = await http.get(NOTE, headers={"Host": host})

    assert answer.status_code == 400
    assert answer.json()["code"] == "BAD_REQUEST"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_foreign_host_is_told_where_hosts_are_named_and_not_which_they_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = ServiceSettings(allowed_hosts=frozenset({HOST}), host_advice="They are named in ACME_HOSTS")
    caplog.set_level(logging.INFO, "netscript.service")

    async with browsing(sample_service(settings).app) as http:
        answer = await http.get(NOTE, headers={"Host": "evil.example"})

    assert answer.json()["detail"] == "This host is not served here. They are named in ACME_HOSTS"
    assert HOST not in answer.text
    (told,) = [vars(record) for record in caplog.records if "seen" in vars(record)]
    assert (told["seen"], told["fix"]) == ("evil.example", "They are named in ACME_HOSTS")


async def test_two_host_headers_are_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get(NOTE, headers=[("Host", HOST), ("Host", HOST)])

    assert answer.status_code == 400


async def test_without_allowed_hosts_only_the_probes_answer() -> None:
    async with browsing(sample_service(ServiceSettings()).app) as http:
        statuses = [
            (await http.get(path)).status_code for path in ("/", "/health", "/health/live", "/health/ready")
        ]

    assert statuses == [400, 400, 200, 200]


async def test_none_answers_every_host() -> None:
    async with browsing(sample_service(ServiceSettings(allowed_hosts=None)).app) as http:
        answer = await http.get(NOTE, headers={"Host": "whatever.example"})

    assert answer.status_code == 200


# Security headers

DEFAULTS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize("path", [NOTE, "/nowhere", "/api/v1/notes/gone", "/boom", "/", "/health"])
async def test_every_response_carries_the_security_headers(path: str) -> None:
    async with browsing(with_routes(Route("/boom", refuse)).app) as http:
        answer = await http.get(path)

    assert DEFAULTS.items() <= dict(answer.headers).items()
    assert "permissions-policy" in answer.headers


async def test_a_route_s_own_header_takes_the_place_of_the_default() -> None:
    async def page(_: Request) -> Response:
        return PlainTextResponse("x", headers={"Content-Security-Policy": "default-src 'self'"})

    async with browsing(with_routes(Route("/page", page)).app) as http:
        answer = await http.get("/page")

    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("settings", "scheme", "is_sent"),
    [
        (SETTINGS, "https", True),
        (SETTINGS, "http", False),
        (replace(SETTINGS, is_behind_https=True), "http", True),
        (replace(SETTINGS, profile="development"), "https", False),
        (replace(SETTINGS, profile="development", is_behind_https=True), "http", False),
    ],
)
async def test_hsts_is_for_production_over_https(
    settings: ServiceSettings, scheme: str, is_sent: bool
) -> None:
    async with browsing(sample_service(settings).app, base_url=f"{scheme}://{HOST}") as http:
        answer = await http.get(NOTE)

    assert ("strict-transport-security" in answer.headers) is is_sent


# CORS


async def test_cors_is_absent_until_origins_are_configured(http: httpx.AsyncClient) -> None:
    preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}

    answer = await http.get(NOTE, headers={"Origin": ORIGIN})
    asked = await http.options(NOTE, headers=preflight)

    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert asked.status_code == 405


async def test_a_configured_origin_may_call_with_credentials() -> None:
    async with browsing(sample_service(WITH_ORIGINS).app) as http:
        answer = await http.get(NOTE, headers={"Origin": ORIGIN})

    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", ["null", "https://evil.example", f"{ORIGIN}.evil.example", "http://app.acme.example"]
)
async def test_another_origin_may_not(origin: str) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    async with browsing(sample_service(WITH_ORIGINS).app) as http:
        answer = await http.get(NOTE, headers={"Origin": origin})
        asked = await http.options(NOTE, headers=preflight)

    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" not in asked.headers
    assert (asked.status_code, asked.json()["code"]) == (400, "CORS_REFUSED")


async def test_a_preflight_of_a_configured_origin_is_allowed() -> None:
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-request-id",
    }

    async with browsing(sample_service(WITH_ORIGINS).app) as http:
        answer = await http.options("/api/v1/notes/", headers=headers)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN


async def test_problems_carry_cors_headers_so_that_pages_can_read_them() -> None:
    async with browsing(sample_service(WITH_ORIGINS).app) as http:
        answer = await http.get("/api/v1/notes/gone", headers={"Origin": ORIGIN})

    assert answer.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://*.acme.example", "https://acme.example/", "acme.example"]
)
def test_an_origin_that_is_not_exact_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="exact origin"):
        ServiceSettings(allowed_origins=frozenset({origin}))


@pytest.mark.parametrize(
    "host", ["*", "*.acme.example", "https://acme.example", "acme.example/x", "Acme.example"]
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        ServiceSettings(allowed_hosts=frozenset({host}))


# Body limit


async def in_chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1024


async def read_all(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.mark.parametrize("path", ["/api/v1/notes/", "/api/v1/notes/by/form", "/read"])
async def test_a_body_announced_too_large_is_413_before_it_is_read(path: str) -> None:
    headers = {"content-type": "application/json"}

    async with browsing(with_routes(Route("/read", read_all, methods=["POST"])).app) as http:
        answer = await http.post(path, content=b"x" * 65537, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "CONTENT_TOO_LARGE")


@pytest.mark.parametrize("path", ["/api/v1/notes/", "/api/v1/notes/by/form", "/read"])
async def test_a_chunked_body_is_413_as_soon_as_it_is_too_large(path: str) -> None:
    headers = {"content-type": "application/json"}

    async with browsing(with_routes(Route("/read", read_all, methods=["POST"])).app) as http:
        answer = await http.post(path, content=in_chunks(65), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "CONTENT_TOO_LARGE")


async def test_a_body_as_large_as_the_limit_is_read() -> None:
    async with browsing(with_routes(Route("/read", read_all, methods=["POST"])).app) as http:
        announced = await http.post("/read", content=b"x" * 65536)
        chunked = await http.post("/read", content=in_chunks(64))

    assert (announced.text, chunked.text) == ("65536", "65536")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 100, " 1", ""])
async def test_a_length_that_is_none_is_refused(http: httpx.AsyncClient, length: str) -> None:
    answer = await http.post("/api/v1/notes/", content=b"{}", headers={"Content-Length": length})

    assert answer.status_code in {400, 413}


# Problems


async def test_an_unknown_error_is_500_without_inner_text(caplog: pytest.LogCaptureFixture) -> None:
    async with browsing(with_routes(Route("/boom", refuse)).app) as http:
        answer = await http.get("/boom")

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "hunter2" not in answer.text
    assert [record.exc_info is not None for record in caplog.records if record.levelno == logging.ERROR] == [
        True
    ]


async def test_an_unknown_method_lists_all_of_the_path(http: httpx.AsyncClient) -> None:
    answer = await http.put(NOTE)

    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, DELETE"


async def test_a_method_that_nobody_knows_is_405_too(http: httpx.AsyncClient) -> None:
    answer = await http.request("BREW", NOTE)

    assert answer.status_code == 405


async def test_an_unknown_path_is_404_and_slashes_are_not_guessed(http: httpx.AsyncClient) -> None:
    nowhere = await http.get("/nowhere")
    slashed = await http.get(f"{NOTE}/")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "NOT_FOUND")
    assert slashed.status_code == 404


async def test_an_error_after_the_response_began_breaks_it_off() -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("hunter2")

    async def stream(_: Request) -> Response:
        return StreamingResponse(half())

    async with browsing(with_routes(Route("/stream", stream)).app) as http:
        with pytest.raises(RuntimeError):
            await http.get("/stream")


# HEAD


@pytest.mark.parametrize("path", [NOTE, "/", "/health", "/api/openapi.json", "/api/docs", "/nowhere"])
async def test_head_answers_like_get_without_the_body(http: httpx.AsyncClient, path: str) -> None:
    got = await http.get(path, headers={"X-Request-ID": "abcd-1234"})
    head = await http.head(path, headers={"X-Request-ID": "abcd-1234"})

    assert head.content == b""
    assert head.status_code == got.status_code
    assert head.headers == got.headers or path == "/health"


async def test_head_of_an_answer_that_goes_on_ends_and_whoever_answers_hears_of_it() -> None:
    heard: list[str] = []

    class GoesOn(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(3):
                await send({"type": "http.response.body", "body": b"piece", "more_body": True})
            while "http.disconnect" not in heard:
                heard.append((await receive())["type"])

    async def endpoint(_: Request) -> Response:
        return GoesOn()

    async with browsing(with_routes(Route("/stream", endpoint)).app) as http, asyncio.timeout(60):
        head = await http.head("/stream")

    assert (head.status_code, head.content) == (200, b"")
    assert heard[-1] == "http.disconnect"


# Access log


def lines_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    records = [vars(record) for record in caplog.records if record.name == "netscript.access"]
    return [{name: record[name] for name in ("method", "route", "status")} for record in records]


async def test_one_line_names_the_route_and_no_identifier_or_query(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "netscript.access"):
        await http.get("/api/v1/notes/n1?onlyTags=hunter2")
        await http.head("/api/v1/notes/n2")
        await http.put("/api/v1/notes/n3")
        await http.get("/nowhere%0A/x?code=hunter2")

    assert lines_of(caplog) == [
        {"method": "GET", "route": "/api/v1/notes/{noteId}", "status": 200},
        {"method": "HEAD", "route": "/api/v1/notes/{noteId}", "status": 200},
        {"method": "PUT", "route": "/api/v1/notes/{noteId}", "status": 405},
        {"method": "GET", "route": "/nowhere\\n/x", "status": 404},
    ]
    assert "hunter2" not in caplog.text


async def test_refusals_of_the_chain_are_logged_too(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "netscript.access"):
        await http.get(NOTE, headers={"Host": "evil.example"})
        await http.post("/api/v1/notes/", content=b"x" * 65537)

    assert [line["status"] for line in lines_of(caplog)] == [400, 413]


async def test_plain_routes_and_mounts_are_named_by_their_template(caplog: pytest.LogCaptureFixture) -> None:
    async def greet(_: Request) -> Response:
        return PlainTextResponse("hello")

    mounted = Mount("/inner", app=Starlette(routes=[Route("/x", greet)]))
    service = with_routes(Route("/flow/{secret}", greet), mounted)

    with caplog.at_level(logging.INFO, "netscript.access"):
        async with browsing(service.app) as http:
            await http.get("/flow/hunter2")
            await http.get("/inner/x")

    assert [line["route"] for line in lines_of(caplog)] == ["/flow/{secret}", "/inner/{path}"]


# Other kinds of connection


async def test_websockets_are_closed() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await sample_service().app({"type": "websocket", "path": "/", "headers": []}, receive, send)

    assert [message["type"] for message in sent] == ["websocket.close"]
