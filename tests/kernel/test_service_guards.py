"""Guards: nobody gets in whom the service does not know, and nobody does what no rule allows."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from netscript_kernel.access import (
    AccessRules,
    Anonymous,
    Authenticated,
    AuthenticationUnavailableError,
    Denied,
    KnownPrincipal,
    Refused,
    rule,
)
from netscript_kernel.service.answers import HotAnswer
from netscript_kernel.service.guards import Authz, find_principal, principal_of, with_authn, with_authz
from netscript_kernel.service.hot import HotRoute, HotTree
from tests.kernel.pretend_authenticator import COOKIE, PretendAuthenticator
from tests.kernel.sample_service import HOST, SETTINGS, NotesV1, browsing, sample_service

NOTE, PING = "/api/v1/notes/n1", "/api/v1/notes/by/ping"
SOMEBODY = KnownPrincipal("usr_somebody")
READER, WRITER = {"X-Person": "reader"}, {"X-Person": "writer"}


async def who(request: Request) -> Response:
    return PlainTextResponse(principal_of(request).subject)


async def perhaps(request: Request) -> Response:
    principal = await find_principal(request)
    return PlainTextResponse(principal.subject if principal else "nobody")


ROUTES = [Route("/who", who), Route("/perhaps", perhaps), Mount("/mounted", routes=[Route("/who", who)])]


@asynccontextmanager
async def guarded(
    authenticator: PretendAuthenticator, authz: Authz | None = None, **more: Any
) -> AsyncGenerator[httpx.AsyncClient]:
    authn = with_authn(authenticator, **more)
    service = sample_service(routes=ROUTES, authn=authn, authz=authz)
    await service.start()
    async with browsing(service.app) as http:
        yield http
    await service.stop()


async def status(http: httpx.AsyncClient, path: str, person: Mapping[str, str] | None = None) -> int:
    return (await http.get(path, headers=person or {})).status_code


# Who calls


@pytest.mark.parametrize(
    "path",
    [
        "/",
        NOTE,
        "/who",
        "/perhaps",
        "/mounted/who",
        "/nowhere",
        "/api/docs",
        "/api/openapi.json",
        "/odd;/who",
    ],
)
async def test_everything_is_closed_to_whoever_is_not_known(path: str) -> None:
    async with guarded(PretendAuthenticator()) as http:
        answer = await http.get(path)

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.json()["data"] == {"reason": "no_credential"}
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (answer.headers["x-frame-options"], "x-request-id" in answer.headers) == ("DENY", True)


async def test_who_is_known_is_let_in_and_the_handler_learns_who_it_is() -> None:
    async with guarded(PretendAuthenticator()) as http:
        answers = [await http.get(path, headers=READER) for path in (NOTE, "/who", "/mounted/who")]
        missing = await status(http, "/nowhere", READER)

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.text for answer in answers[1:]] == ["usr_reader", "usr_reader"]
    assert missing == 404


async def test_who_is_denied_hears_why() -> None:
    async with guarded(PretendAuthenticator()) as http:
        answer = await http.get(NOTE, headers={"X-Person": "banned"})

    assert (answer.status_code, answer.json()["data"]) == (403, {"reason": "account_disabled"})


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
async def test_health_is_open_and_asks_nobody(path: str) -> None:
    authenticator = PretendAuthenticator(RuntimeError("away"))
    async with guarded(authenticator) as http:
        answered = await status(http, path)

    assert (answered, authenticator.asked) == (200, 0)


@pytest.mark.parametrize(
    "failure",
    [
        AuthenticationUnavailableError("nothing listens there", timedelta(seconds=2)),
        RuntimeError("hunter2"),
        KeyError("hunter2"),
        TimeoutError(),
        "no answer at all",
    ],
)
@pytest.mark.parametrize("path", [NOTE, "/perhaps"])
async def test_where_nobody_can_tell_who_calls_nobody_is_let_in_and_nobody_is_anonymous(
    failure: Any, path: str
) -> None:
    async with guarded(PretendAuthenticator(failure), allow_anonymous=["/perhaps"]) as http:
        answer = await http.get(path, headers=READER)

    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) >= 1
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "said",
    [
        Authenticated(None),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        Authenticated(KnownPrincipal("")),
        Authenticated(SOMEBODY, set_cookies=("a=€",)),
        Authenticated(SOMEBODY, set_cookies=("a=b\r\nX-Odd: hunter2",)),
        Authenticated(SOMEBODY, set_cookies="a=b"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        Denied("banned", set_cookies=("a=b\n",)),
        Denied(None),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        Anonymous("no_credential", challenge="Bearer\r\nX-Odd: hunter2"),
        Anonymous("no_credential", challenge="€"),
        Anonymous("no_credential", challenge=None),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        Anonymous("no_credential", set_cookies=("",)),
    ],
)
@pytest.mark.parametrize("path", [NOTE, "/perhaps"])
async def test_what_an_authenticator_says_and_nobody_can_send_is_no_answer(
    said: Any, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with guarded(PretendAuthenticator(said), allow_anonymous=["/perhaps"]) as http:
        answer = await http.get(path)

    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert "x-odd" not in answer.headers
    assert "set-cookie" not in answer.headers
    told = [
        record for record in caplog.records if record.message == "the authenticator said what is no answer"
    ]
    assert [record.__dict__["kind"] for record in told] == [type(said).__name__]
    assert "hunter2" not in str([record.__dict__ for record in caplog.records])


async def test_an_authenticator_that_hangs_is_not_waited_for() -> None:
    class Hanging(PretendAuthenticator):
        async def authenticate(self, scope: Any) -> Any:
            await asyncio.Event().wait()

    async with guarded(Hanging(), limit=timedelta(0)) as http:
        answered = await status(http, NOTE)

    assert answered == 503


async def test_what_may_be_anonymous_is_open_and_finds_out_who_calls_where_it_wants_to_know() -> None:
    authenticator = PretendAuthenticator()
    async with guarded(authenticator, allow_anonymous=["/perhaps", NotesV1.find]) as http:
        nobody, known = await http.get("/perhaps"), await http.get("/perhaps", headers=READER)
        asked = authenticator.asked
        note, ping = await status(http, NOTE), (await http.post(PING)).status_code

    assert (nobody.text, known.text) == ("nobody", "usr_reader")
    assert (note, ping) == (200, 401)
    assert (asked, authenticator.asked) == (2, 3)


@pytest.mark.parametrize(
    ("path", "answered"),
    [("/api/v1/notes/n1", 401), ("/api", 401), ("/", 200), ("/apis", 404), ("/odd;/api/x", 401)],
)
async def test_only_what_is_named_may_be_protected(path: str, answered: int) -> None:
    async with guarded(PretendAuthenticator(), protect=["/api", "/api/*"]) as http:
        assert await status(http, path) == answered


async def test_a_route_that_only_looks_like_one_that_watches_is_guarded() -> None:
    service = sample_service(routes=[Route("/metrics", perhaps)], authn=with_authn(PretendAuthenticator()))
    await service.start()

    async with browsing(service.app) as http:
        answered = await status(http, "/metrics")
    await service.stop()

    assert answered == 401


@pytest.mark.parametrize("path", ["", "*", "api", "/x/../api", "/x//api", "/x;api", "/x%2fapi", "/api\\x"])
def test_a_path_that_somebody_may_read_as_another_one_is_protected(path: str) -> None:
    authn = with_authn(PretendAuthenticator(), protect=["/api/*"], allow_anonymous=["/x/*"])

    assert authn.closes(path)


@pytest.mark.parametrize("odd", ["..", "n%2f1", "n;1", "n\\1"])
def test_an_operation_for_anybody_is_open_by_no_path_that_somebody_may_read_as_another_one(odd: str) -> None:
    authn = with_authn(PretendAuthenticator(), allow_anonymous=[NotesV1.find])

    closed = [authn.closes(f"/api/v1/notes/{each}", NotesV1.find) for each in ("n1", odd)]

    assert closed == [False, True]


async def test_head_is_guarded_as_get_is() -> None:
    async with guarded(PretendAuthenticator()) as http:
        answer = await http.head(NOTE)

    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize(
    ("path", "person", "answered"),
    [
        (NOTE, READER, 200),
        (NOTE, {}, 401),
        ("/nowhere", READER, 404),
        (NOTE, {"X-Person": "banned"}, 403),
        ("/api/v1/notes/gone", READER, 404),
    ],
)
async def test_a_renewed_credential_reaches_the_caller_whatever_the_answer_is_and_no_cache(
    path: str, person: dict[str, str], answered: int
) -> None:
    async with guarded(PretendAuthenticator(renews=True)) as http:
        answer = await http.get(path, headers=person)

    assert (answer.status_code, answer.headers.get_list("set-cookie")) == (answered, [COOKIE])
    assert answer.headers.get_list("cache-control") == ["no-store"]


async def test_the_authenticator_starts_and_ends_with_the_service() -> None:
    authenticator = PretendAuthenticator()

    async with guarded(authenticator):
        during = list(authenticator.life)

    assert (during, authenticator.life) == (["started"], ["started", "closed"])


async def test_a_handler_of_an_open_path_cannot_take_somebody_for_granted() -> None:
    async with guarded(PretendAuthenticator(), allow_anonymous=["/who"]) as http:
        answered = await status(http, "/who", READER)

    assert answered == 500


async def test_without_an_authenticator_nobody_is_known() -> None:
    async with browsing(sample_service(routes=ROUTES).app) as http:
        answered = [await status(http, path) for path in ("/who", "/perhaps", NOTE)]

    assert answered == [500, 500, 200]


async def hot(_: Any) -> HotAnswer:
    return HotAnswer(200, (), b"hot")


def test_a_hot_route_behind_the_guard_is_refused_since_nothing_stands_in_front_of_it() -> None:
    routes = [HotRoute("GET", "/hot", hot)]

    with pytest.raises(TypeError, match="/hot is hot, so that no guard is in front of it"):
        sample_service(hot_routes=routes, authn=with_authn(PretendAuthenticator()))

    sample_service(hot_routes=routes, authn=with_authn(PretendAuthenticator(), allow_anonymous=["/hot"]))


@pytest.mark.parametrize("protect", ["/*", "/x/*", "/x/", "/x/admin", "/x/admin/*", "/x/y/z"])
@pytest.mark.parametrize("opened", ["/health", "/x/", "/x/open", "/x/open/*", "/y/*"])
def test_a_hot_tree_in_which_anything_is_protected_is_refused_unless_all_of_it_is_open(
    protect: str, opened: str
) -> None:
    trees = [HotTree("/x/", hot)]
    closed = with_authn(PretendAuthenticator(), protect=[protect], allow_anonymous=[opened])
    open_all = with_authn(PretendAuthenticator(), protect=[protect], allow_anonymous=[opened, "/x/*"])

    with pytest.raises(TypeError, match=r"/x/\* is hot, so that no guard is in front of it"):
        sample_service(hot_trees=trees, authn=closed)

    sample_service(hot_trees=trees, authn=open_all)


@pytest.mark.parametrize("protect", ["/xy/*", "/x", "/admin", "/y/x/*"])
def test_a_hot_tree_beside_what_is_protected_is_fine(protect: str) -> None:
    authn = with_authn(PretendAuthenticator(), protect=[protect])

    service = sample_service(hot_trees=[HotTree("/x/", hot)], authn=authn)

    assert "* /x/*" in service.hot_counts


async def test_a_preflight_of_a_page_that_may_call_asks_nobody_who_calls() -> None:
    origin = "https://app.acme.example"
    authenticator = PretendAuthenticator()
    settings = replace(SETTINGS, allowed_origins=frozenset({origin}))
    service = sample_service(settings, authn=with_authn(authenticator))
    await service.start()

    async with browsing(service.app) as http:
        asking = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        preflight = await http.options(NOTE, headers=asking)
        refused = await http.get(NOTE, headers={"Origin": origin})
    await service.stop()

    assert (preflight.status_code, refused.status_code, authenticator.asked) == (200, 401, 1)
    assert refused.headers["access-control-allow-origin"] == origin


async def test_a_service_that_is_mounted_is_guarded_by_its_own_paths() -> None:
    rules = with_authz(AccessRules(rule("/who"), rule(NotesV1.find)))
    authn = with_authn(PretendAuthenticator(), allow_anonymous=["/perhaps", NotesV1.ping])
    service = sample_service(routes=ROUTES, authn=authn, authz=rules)
    await service.start()

    async with browsing(Starlette(routes=[Mount("/deep/inner", app=service.app)])) as http:
        known = [await status(http, f"/deep/inner{path}", READER) for path in ("/who", NOTE, "/mounted/who")]
        nobody = [await status(http, f"/deep/inner{path}") for path in ("/who", "/perhaps", NOTE)]
        ping = (await http.post(f"/deep/inner{PING}")).status_code
    await service.stop()

    assert (known, nobody, ping) == ([200, 200, 403], [401, 200, 401], 200)


def test_guarded_operations_are_documented_as_such_and_open_ones_are_not() -> None:
    authn = with_authn(PretendAuthenticator(), allow_anonymous=[NotesV1.find])

    paths = sample_service(authn=authn).openapi()["paths"]

    assert {"401", "403"} <= set(paths["/api/v1/notes/by/ping"]["post"]["responses"])
    assert "401" not in paths["/api/v1/notes/{noteId}"]["get"]["responses"]


@pytest.mark.parametrize("path", ["health", "/a*", "/a/../b", "/a//b", ""])
def test_what_is_no_path_cannot_be_opened_or_protected(path: str) -> None:
    with pytest.raises(ValueError, match="an open path is such as"):
        with_authn(PretendAuthenticator(), allow_anonymous=[path])
    with pytest.raises(ValueError, match="a protected path is such as"):
        with_authn(PretendAuthenticator(), protect=[path])


# What they may

RULES = AccessRules(
    rule(NotesV1.find, scopes=["notes:read"]),
    rule(NotesV1.ping, scopes=["notes:write"], roles=["clerk"]),
    rule("/mounted/*", roles=["clerk"]),
    rule("/perhaps"),
    rule("/who", methods=["POST"]),
)


@pytest.mark.parametrize(
    ("method", "path", "reader", "writer"),
    [
        ("GET", NOTE, 200, 200),
        ("POST", PING, 403, 200),
        ("GET", "/mounted/who", 403, 200),
        ("GET", "/perhaps", 200, 200),
        ("GET", "/who", 403, 403),
        ("GET", "/api/v1/notes/by/age", 403, 403),
        ("GET", "/", 403, 403),
        ("GET", "/nowhere", 404, 404),
        ("DELETE", "/who", 405, 405),
    ],
)
async def test_a_rule_lets_in_who_has_what_it_names_and_what_no_rule_names_is_closed(
    method: str, path: str, reader: int, writer: int
) -> None:
    async with guarded(PretendAuthenticator(), with_authz(RULES)) as http:
        answers = [await http.request(method, path, headers=person) for person in (READER, WRITER)]
        nobody = await http.request(method, path)

    assert [answer.status_code for answer in answers] == [reader, writer]
    assert nobody.status_code == 401


async def test_a_refusal_names_what_is_missing() -> None:
    async with guarded(PretendAuthenticator(), with_authz(RULES)) as http:
        scope = (await http.post(PING, headers=READER)).json()
        role = (await http.get("/mounted/who", headers=READER)).json()
        no_rule = (await http.get("/who", headers=READER)).json()

    assert scope["data"] == {"reason": "scope_missing", "missing": ["notes:write"]}
    assert role["data"] == {"reason": "role_missing", "missing": ["clerk"]}
    assert no_rule["data"] == {"reason": "no_rule"}


async def test_without_denial_by_default_whoever_is_known_may_do_what_no_rule_names() -> None:
    async with guarded(PretendAuthenticator(), with_authz(RULES, deny_by_default=False)) as http:
        assert [await status(http, "/who", person) for person in (READER, {})] == [200, 401]
        assert (await http.post(PING, headers=READER)).status_code == 403


@pytest.mark.parametrize("odd", ["n;1", "n%251", "n%5C1", "%2e%2e", "%2e%2e/n1", "/n1"])
@pytest.mark.parametrize("below", ["/api/v1/notes/", "/anything/", "/framework/"])
@pytest.mark.parametrize("deny_by_default", [True, False])
async def test_a_path_that_somebody_may_read_as_another_one_passes_by_no_rule(
    below: str, odd: str, deny_by_default: bool
) -> None:
    framework = APIRouter()

    @framework.get("/framework/{rest:path}")
    async def rest_of(rest: str) -> str:
        return rest

    closed = (rule(f"{each}*", roles=["clerk"]) for each in ("/api/v1/notes/", "/anything/", "/framework/"))
    rules = AccessRules(*closed, rule(NotesV1), rule("/*"))
    routes = [Mount("/anything", PlainTextResponse("in")), *framework.routes]
    authz = with_authz(rules, deny_by_default=deny_by_default)
    service = sample_service(routes=routes, authn=with_authn(PretendAuthenticator()), authz=authz)
    await service.start()

    async with browsing(service.app) as http:
        plain = [await status(http, f"{below}n1", person) for person in (READER, WRITER)]
        answer = await http.get(f"http://{HOST}{below}{odd}", headers=READER)
    await service.stop()

    assert plain == [403, 200]
    assert answer.status_code in {403, 404}
    assert answer.status_code == 404 or answer.json()["data"] == {"reason": "doubtful_path"}


async def test_a_rule_of_an_operation_takes_any_field_of_its_path() -> None:
    async with guarded(PretendAuthenticator(), with_authz(AccessRules(rule(NotesV1.find)))) as http:
        assert await status(http, "/api/v1/notes/n;1", READER) != 403


async def test_a_contract_may_have_one_rule_for_all_of_it() -> None:
    async with guarded(PretendAuthenticator(), with_authz(AccessRules(rule(NotesV1)))) as http:
        assert [await status(http, path, READER) for path in (NOTE, "/who")] == [200, 403]


@pytest.mark.parametrize("says", [RuntimeError("hunter2"), AuthenticationUnavailableError("x"), "yes", True])
async def test_where_nobody_can_tell_what_somebody_may_nobody_is_let_in(says: Any) -> None:
    class Odd:
        async def authorize(self, principal: Any, request: Any) -> Any:
            if isinstance(says, Exception):
                raise says
            return says

    async with guarded(PretendAuthenticator(), with_authz(Odd())) as http:
        answer = await http.get(NOTE, headers=READER)

    assert answer.status_code == 503
    assert "hunter2" not in answer.text


def test_who_may_needs_who_calls() -> None:
    with pytest.raises(TypeError, match="authz needs authn"):
        sample_service(authz=with_authz(RULES))


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("who", {}),
        (NotesV1.find, {"methods": ["GET"]}),
        ("/x", {"scopes": "notes:read"}),
        ("/x", {"roles": [""]}),
    ],
)
def test_a_rule_that_means_nothing_is_refused(target: Any, more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"path|names"):
        rule(target, **more)


def test_scopes_that_are_one_text_hold_no_scope_within_it() -> None:
    principal = KnownPrincipal("usr_odd", scopes="notes:read notes:write")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    assert rule("/x", scopes=["notes:read"]).decide(principal) == Refused("scope_missing", ("notes:read",))


async def test_who_it_was_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with guarded(PretendAuthenticator(), with_authz(RULES)) as http:
            await http.post(PING, headers=READER)

    told = [record for record in caplog.records if record.message == "somebody may not do this"]
    assert [(record.__dict__["reason"], record.__dict__["operation"]) for record in told] == [
        ("scope_missing", "notes.v1.ping")
    ]
    assert "usr_reader" not in str([record.__dict__ for record in caplog.records])
