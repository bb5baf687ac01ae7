"""``/verify``: what a proxy is told of a request that it has."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import AuthSession, ExternalIdentity, Principal
from netscript_auth_core.memory import MemoryAuthBackend
from tests.support.auth_api import (
    NAVIGATING,
    PREFIX,
    PUBLIC_URL,
    SESSION_COOKIE,
    AuthApi,
    client_of,
    running_auth_api,
)
from tests.support.auth_backends import DenyingBackend, RelayingBackend

VERIFY = f"{PREFIX}/verify"
PROXY = "127.0.0.1"  # where httpx says that it connects from
ORIGINAL = {
    "x-forwarded-proto": "https",
    "x-forwarded-host": "auth.acme.example",
    "x-forwarded-uri": "/reports?year=2026",
    "x-forwarded-method": "GET",
}
COMING_BACK = "redirectTo=https%3A%2F%2Fauth.acme.example%2Freports%3Fyear%3D2026"
SIGN_IN = f"{PUBLIC_URL}{PREFIX}/signin"


@pytest.fixture
async def api() -> AsyncGenerator[AuthApi]:
    async with running_auth_api(TRUSTED_PROXIES=PROXY) as api:
        yield api


async def token_of(api: AuthApi, person: str = "alice") -> str:
    async with api.browser() as browser:
        await api.sign_in(browser, person)
        return str(browser.cookies[SESSION_COOKIE])


async def ask(api: AuthApi, token: str | None = None, query: str = "", **headers: str) -> httpx.Response:
    """Ask as a proxy does for a person's browser; underscores in names are hyphens."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        given["cookie"] = f"{SESSION_COOKIE}={token}"
    async with client_of(api.service, {**NAVIGATING, **ORIGINAL}) as proxy:
        return await proxy.get(f"{VERIFY}{query}", headers=given)


async def test_who_is_signed_in_may_pass_and_is_named(api: AuthApi) -> None:
    token = await token_of(api)
    async with client_of(api.service, {"cookie": f"{SESSION_COOKIE}={token}"}) as browser:
        user = (await browser.get(f"{PREFIX}/me")).json()["user"]

    answer = await ask(api, token)

    assert answer.status_code == 200
    assert answer.headers["x-auth-request-user"] == user["id"]
    assert answer.headers["x-auth-request-email"] == user["email"]
    assert answer.headers["x-auth-request-groups"] == ""
    assert answer.headers["cache-control"] == "no-store"


async def test_an_address_that_nobody_vouches_for_is_not_told(
    api: AuthApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = api.provider.identity("carol")
    unproven = identity.model_copy(update={"email_verified": False})

    def says(_: str) -> ExternalIdentity:
        return unproven

    monkeypatch.setattr(api.provider, "identity", says)

    answer = await ask(api, await token_of(api, "carol"))

    assert answer.status_code == 200
    assert answer.headers["x-auth-request-email"] == ""


async def test_roles_of_the_backend_are_groups_and_one_that_would_be_two_is_none() -> None:
    class Roles:
        def principal(self, session: AuthSession) -> Principal:
            roles = ("editor", "a,b", "line\r\nbreak", "admin")
            return Principal.without_roles(session).model_copy(update={"roles": roles})

    async with running_auth_api() as api:
        vars(api.backend)["principals"] = Roles()

        answer = await ask(api, await token_of(api))

    assert answer.headers["x-auth-request-groups"] == "editor,admin"


async def test_without_a_session_nobody_passes_and_the_way_to_sign_in_is_told(api: AuthApi) -> None:
    answer = await ask(api)

    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHORIZED"
    assert answer.json()["data"] == {"reason": "no_session"}
    assert answer.headers["x-auth-request-redirect"] == f"{SIGN_IN}?{COMING_BACK}"


async def test_a_proxy_that_passes_redirects_on_gets_one_for_a_page(api: AuthApi) -> None:
    answer = await ask(api, query="?redirect=true")

    assert answer.status_code == 302
    assert answer.headers["location"] == f"{SIGN_IN}?{COMING_BACK}"


async def test_who_signs_in_by_that_way_comes_back(api: AuthApi) -> None:
    location = (await ask(api, query="?redirect=true")).headers["location"]
    async with api.browser() as browser:
        begun = await browser.get(location)
        parameters = tuple(await api.provider.sign_in(begun.headers["location"], "alice"))
        landed = await browser.get(f"{PREFIX}/callback", params=parameters)

    assert landed.headers["location"] == "https://auth.acme.example/reports?year=2026"


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "application/json"},
        {"accept": "*/*"},
        {"x_requested_with": "XMLHttpRequest"},
        {"sec_fetch_mode": "cors"},
        {"sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"},
        {"upgrade": "websocket"},
        {"x_forwarded_method": "POST"},
        {"x_forwarded_method": "OPTIONS"},
    ],
    ids=str,
)
async def test_only_who_waits_for_a_page_is_sent_to_sign_in(api: AuthApi, headers: dict[str, str]) -> None:
    answer = await ask(api, query="?redirect=true", **headers)

    assert answer.status_code == 401
    assert "location" not in answer.headers
    assert "x-auth-request-redirect" not in answer.headers


@pytest.mark.parametrize(
    "query", ["?redirect=yes", "?redirect=true&redirect=false", "?rd=https://evil.example"]
)
async def test_a_query_that_is_none_of_ours_is_told(api: AuthApi, query: str) -> None:
    answer = await ask(api, query=query)

    assert answer.status_code == 422
    assert "redirect" in answer.json()["data"]["fieldErrors"]


async def test_who_is_denied_gets_403() -> None:
    async with running_auth_api(DenyingBackend) as api:
        answer = await ask(api, query="?redirect=true")

    assert answer.status_code == 403
    assert answer.json()["data"]["reason"]
    assert answer.headers.get_list("set-cookie") == list(DenyingBackend.lines)


async def test_an_outage_lets_nobody_pass_and_leaves_the_cookie(api: AuthApi) -> None:
    token = await token_of(api)

    async with api.outage():
        answer = await ask(api, token, "?redirect=true")

    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "set-cookie" not in answer.headers
    assert (await ask(api, token)).status_code == 200


async def test_a_revoked_session_passes_no_more(api: AuthApi) -> None:
    token = await token_of(api)
    async with client_of(api.service, {"cookie": f"{SESSION_COOKIE}={token}"}) as browser:
        await browser.post(f"{PREFIX}/signout", headers={"origin": PUBLIC_URL})

    assert (await ask(api, token)).status_code == 401


async def test_f5_a_credential_that_is_renewed_meanwhile_reaches_the_proxy() -> None:
    async with running_auth_api(RelayingBackend) as api:
        passed = await ask(api, await token_of(api))
        refused = await ask(api, query="?redirect=true")

    assert (passed.status_code, refused.status_code) == (200, 302)
    assert passed.headers.get_list("set-cookie") == list(RelayingBackend.lines)
    assert refused.headers.get_list("set-cookie") == list(RelayingBackend.lines)


async def test_f1_an_untrusted_peer_names_no_address_to_come_back_to() -> None:
    async with running_auth_api(TRUSTED_PROXIES="10.0.0.0/8") as api:
        answer = await ask(api, query="?redirect=true", x_forwarded_for="10.0.0.1")

    assert answer.headers["location"] == SIGN_IN


@pytest.mark.parametrize(
    "wrong",
    [
        {"x_forwarded_host": "evil.example"},
        {"x_forwarded_host": "auth.acme.example, evil.example"},
        {"x_forwarded_host": "auth.acme.example@evil.example"},
        {"x_forwarded_proto": "javascript"},
        {"x_forwarded_uri": "@evil.example/"},
        {"x_forwarded_uri": "//evil.example/"},
        {"x_forwarded_uri": f"{PREFIX}/signin"},
        {"x_forwarded_uri": "/" + "a" * 3000},
        {"x_forwarded_uri": "/a b"},
    ],
    ids=str,
)
async def test_f1_a_trusted_proxy_that_passes_on_what_clients_say_sends_nobody_elsewhere(
    api: AuthApi, wrong: dict[str, str]
) -> None:
    answer = await ask(api, query="?redirect=true", **wrong)

    assert answer.headers["location"] == SIGN_IN


async def test_f2_identity_headers_that_come_with_the_request_are_not_read(api: AuthApi) -> None:
    claims = {"x_auth_request_user": "root", "x_auth_request_email": "root@evil.example"}

    refused = await ask(api, **claims)
    passed = await ask(api, await token_of(api), **claims)

    assert refused.status_code == 401
    assert "root" not in str(passed.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
async def test_f3_the_question_itself_is_asked_by_get_alone(api: AuthApi, method: str) -> None:
    token = await token_of(api)

    async with client_of(api.service, {"cookie": f"{SESSION_COOKIE}={token}"}) as proxy:
        answer = await proxy.request(method, VERIFY)

    assert answer.status_code == 405
    assert "x-auth-request-user" not in answer.headers


REPEATED = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


async def repeat(
    api: AuthApi, path: str, token: str | None = None, method: str = "GET", **headers: str
) -> httpx.Response:
    """Ask as Envoy does: by the method and, below ours, the path of a person's request."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        given["cookie"] = f"{SESSION_COOKIE}={token}"
    async with client_of(api.service, {**NAVIGATING, "x-forwarded-proto": "https"}) as proxy:
        return await proxy.request(method, f"{VERIFY}{path}", headers=given)


async def test_a_proxy_that_repeats_the_request_is_told_where_to_come_back_to(api: AuthApi) -> None:
    answer = await repeat(api, "/reports?year=2026")

    assert answer.status_code == 302
    assert answer.headers["location"] == f"{SIGN_IN}?{COMING_BACK}"


@pytest.mark.parametrize("method", REPEATED)
async def test_whoever_is_signed_in_passes_by_any_method_that_is_repeated(api: AuthApi, method: str) -> None:
    token = await token_of(api)

    passed = await repeat(api, "/reports", token, method)
    refused = await repeat(api, "/reports", method=method, accept="*/*")

    assert (passed.status_code, refused.status_code) == (200, 401)
    assert passed.headers["x-auth-request-user"]


@pytest.mark.parametrize("path", ["/verify", "/verify/", "/verify/reports"])
async def test_f3_a_preflight_of_a_page_that_may_call_us_is_no_yes_to_a_proxy(path: str) -> None:
    preflight = {"origin": "https://app.acme.example", "access-control-request-method": "GET"}
    async with (
        running_auth_api(ALLOWED_ORIGINS="https://app.acme.example") as api,
        client_of(api.service, preflight) as proxy,
    ):
        answer = await proxy.options(f"{PREFIX}{path}")

        ours = await proxy.options(f"{PREFIX}/me")
    assert answer.status_code in {401, 405}
    assert ours.status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("//evil.example/", {}),
        ("/%2f%2fevil.example/", {}),
        ("/x/%2e%2e/reports", {}),
        ("/reports", {"x_forwarded_proto": "javascript"}),
        ("/reports", {"x_forwarded_proto": "https, http"}),
        (f"{PREFIX}/signin", {}),
    ],
    ids=str,
)
async def test_f1_a_repeated_path_of_any_kind_sends_nobody_elsewhere(
    api: AuthApi, path: str, headers: dict[str, str]
) -> None:
    answer = await repeat(api, path, **headers)

    assert answer.status_code == 302
    assert answer.headers["location"] == SIGN_IN


async def test_f1_an_untrusted_peer_that_repeats_a_request_names_no_address() -> None:
    async with running_auth_api(TRUSTED_PROXIES="10.0.0.0/8") as api:
        answer = await repeat(api, "/reports", x_forwarded_for="10.0.0.1")

    assert answer.headers["location"] == SIGN_IN


async def test_f4_without_a_wish_for_redirects_no_answer_is_one(api: AuthApi) -> None:
    answers = [await ask(api), await ask(api, await token_of(api)), await ask(api, "made-up")]

    assert [answer.status_code for answer in answers] == [401, 200, 401]


async def test_where_people_sign_in_elsewhere_they_are_sent_there() -> None:
    async with running_auth_api(HostedElsewhere) as api:
        answer = await ask(api, query="?redirect=true")

    assert answer.status_code == 302
    assert answer.headers["location"] == HostedElsewhere.URL


class HostedElsewhere(MemoryAuthBackend):
    """Has its people sign in at its upstream."""

    URL = "https://app.acme.example/sign-in"
    capabilities = Capabilities(frozenset({Capability.REVOKE}), sign_in_url=URL)
