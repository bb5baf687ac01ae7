"""``POST /token`` and the published keys: what a service behind is told, and by which keys it is believed."""

import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from netscript_auth_core.events import EventName
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.jose.jws import parse_jws
from netscript_kernel.jose.keys import read_key_set
from netscript_plugin_auth.configuration import read_configuration
from tests.support.auth_api import (
    PREFIX,
    PUBLIC_URL,
    SAME_ORIGIN,
    SESSION_COOKIE,
    AuthApi,
    running_auth_api,
    set_cookies,
)
from tests.support.auth_backends import DenyingBackend

TOKEN = f"{PREFIX}/token"
KEY_SET = "/.well-known/jwks.json"
REPORTS, BILLING = "reports.acme.example", "https://billing.acme.example/api"


@pytest.fixture
async def api() -> AsyncGenerator[AuthApi]:
    async with running_auth_api(TOKEN_AUDIENCES=REPORTS) as running:
        yield running


async def ask(client: httpx.AsyncClient, **body: str) -> httpx.Response:
    return await client.post(TOKEN, json=body, headers=SAME_ORIGIN)


async def token_of(client: httpx.AsyncClient, **body: str) -> str:
    answer = await ask(client, **body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["accessToken"])


async def key_ids(client: httpx.AsyncClient) -> list[str]:
    return [key["kid"] for key in (await client.get(KEY_SET)).json()["keys"]]


def claims_of(token: str) -> dict[str, Any]:
    return parse_jws(token).claims


async def test_a_token_is_an_event_that_names_its_service(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)
    token = await token_of(browser)
    refused = await ask(browser, audience="nobody")

    told = [each for each in api.events.taken if each.name is EventName.TOKEN_ISSUED]

    assert refused.status_code == 422
    assert [(each.detail, each.provider_id) for each in told] == [(REPORTS, "pretend")]
    assert token not in repr(told)


async def test_a_token_says_who_asks_and_names_the_session(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)
    me = (await browser.get(f"{PREFIX}/me")).json()

    answer = await ask(browser)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert {name: answer.json()[name] for name in ("tokenType", "expiresIn")} == {
        "tokenType": "Bearer",
        "expiresIn": 300,
    }
    jws = parse_jws(answer.json()["accessToken"])
    now = int(api.clock.unix())
    assert (jws.algorithm, jws.typ) == ("ES256", "at+jwt")
    assert len(jws.claims.pop("jti")) == 22  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert jws.claims == {
        "iss": PUBLIC_URL,
        "sub": me["user"]["id"],
        "aud": REPORTS,
        "client_id": "netscript",
        "iat": now,
        "exp": now + 300,
        "sid": me["session"]["handle"],
        "auth_time": now,
        "scope": "openid email profile",
        "roles": [],
        "email": me["user"]["email"],
        "email_verified": True,
        "name": me["user"]["name"],
        "backend": "memory",
        "provider_id": me["session"]["providerId"],
    }


async def test_two_other_libraries_believe_a_token_by_the_published_keys(
    api: AuthApi, browser: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    token = await token_of(browser)

    published = await program.get(KEY_SET)

    assert published.headers["cache-control"] == "public, max-age=300"
    jws = parse_jws(token)
    by_joserfc = [key for key in read_key_set(published.json(), ("ES256",)) if key.verifies(jws)]
    assert [key.key_id for key in by_joserfc] == [jws.key_id]
    key = jwt.PyJWKSet.from_dict(published.json())[str(jws.key_id)]
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    assert jwt.decode(token, key, algorithms=["ES256"], audience=REPORTS, issuer=PUBLIC_URL, options=options)
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=["ES256"], audience=BILLING, issuer=PUBLIC_URL, options=options)


async def test_published_keys_are_public_ones_alone(api: AuthApi, program: httpx.AsyncClient) -> None:
    keys = (await program.get(KEY_SET)).json()["keys"]

    assert len(keys) == 2
    assert [sorted(key) for key in keys] == [["alg", "crv", "kid", "kty", "use", "x", "y"]] * 2
    assert {(key["alg"], key["crv"], key["kty"], key["use"]) for key in keys} == {
        ("ES256", "P-256", "EC", "sig")
    }


async def test_of_several_services_the_request_names_one() -> None:
    async with running_auth_api(TOKEN_AUDIENCES=f"{REPORTS},{BILLING}") as api, api.browser() as browser:
        await api.sign_in(browser)

        answers = [
            await ask(browser),
            await ask(browser, audience=BILLING),
            await ask(browser, audience="other"),
        ]

    assert [answer.status_code for answer in answers] == [422, 200, 422]
    assert claims_of(answers[1].json()["accessToken"])["aud"] == BILLING
    assert "other" not in answers[2].text


async def test_nobody_gets_no_token(api: AuthApi, browser: httpx.AsyncClient) -> None:
    answer = await ask(browser)

    assert (answer.status_code, answer.json()["data"]) == (401, {"reason": "no_session"})


async def test_somebody_who_may_not_come_in_gets_no_token() -> None:
    async with running_auth_api(DenyingBackend, TOKEN_AUDIENCES=REPORTS) as api, api.browser() as browser:
        answer = await ask(browser)

    assert (answer.status_code, answer.json()["data"]) == (403, {"reason": "account_disabled"})


async def test_without_a_service_that_takes_tokens_there_are_none() -> None:
    async with running_auth_api() as api, api.browser() as browser:
        await api.sign_in(browser)

        answer, keys = await ask(browser), await browser.get(KEY_SET)

    assert (answer.status_code, answer.json()["code"]) == (501, "AUTH_OPERATION_UNSUPPORTED")
    assert "NETSCRIPT_AUTH_TOKEN_AUDIENCES" in answer.json()["data"]["reason"]
    assert (keys.status_code, keys.json()["code"]) == (404, "NOT_FOUND")


async def test_describe_says_whether_there_are_tokens(program: httpx.AsyncClient) -> None:
    async with running_auth_api() as without, without.program() as other:
        answers = [await client.get(f"{PREFIX}/describe") for client in (program, other)]

    assert ["tokens" in answer.json()["routeGroups"] for answer in answers] == [True, False]


@pytest.mark.parametrize("site", ["https://evil.example", "https://reports.acme.example"])
async def test_a_page_of_another_site_gets_no_token(
    api: AuthApi, browser: httpx.AsyncClient, site: str
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(TOKEN, json={}, headers={"origin": site, "sec-fetch-site": "cross-site"})

    assert (answer.status_code, answer.json()["data"]) == (403, {"reason": "cross_site"})


@pytest.mark.parametrize("form", [None, {"audience": "x"}], ids=["nothing", "a form"])
async def test_a_program_that_sends_no_json_is_told_what_to_send(
    api: AuthApi, browser: httpx.AsyncClient, form: dict[str, str] | None
) -> None:
    await api.sign_in(browser)
    async with api.program() as program:
        program.cookies = browser.cookies

        answer = await program.post(TOKEN, data=form)

    assert (answer.status_code, answer.json()["data"]) == (403, {"reason": "cross_site"})
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_no_other_method_gets_a_token(api: AuthApi, browser: httpx.AsyncClient, method: str) -> None:
    await api.sign_in(browser)

    answer = await browser.request(method, TOKEN, headers=SAME_ORIGIN)

    assert answer.status_code == 405


async def test_a_token_lets_nobody_in_here(
    api: AuthApi, browser: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    token = await token_of(browser)
    ways = [{"authorization": f"Bearer {token}"}, {"cookie": f"{SESSION_COOKIE}={token}"}]

    seen = [(await program.get(f"{PREFIX}/verify", headers=way)).status_code for way in ways]
    more = [(await program.post(TOKEN, json={}, headers=way)).status_code for way in ways]

    assert seen + more == [401] * 4


async def test_a_token_says_when_somebody_was_there_only_where_that_is_proven(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    proven = parse_jws(await token_of(browser)).claims
    (stored,) = api.storage.sessions.values()
    stored.session = stored.session.model_copy(update={"authenticated_at": None})

    unproven = parse_jws(await token_of(browser)).claims

    assert proven["auth_time"] == int(api.clock.unix())
    assert "auth_time" not in unproven
    assert "authenticatedAt" not in (await browser.get(f"{PREFIX}/verify")).json()


async def test_a_token_ends_with_its_session(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)
    (stored,) = api.storage.sessions.values()
    ending = api.clock.now() + timedelta(seconds=60)
    stored.session = stored.session.model_copy(update={"expires_at": ending})

    answer = await ask(browser)

    assert answer.json()["expiresIn"] == 60


async def test_a_token_shows_in_no_log_and_no_event(
    api: AuthApi, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    await api.sign_in(browser)

    token = await token_of(browser)
    await browser.post(TOKEN, json={"audience": token[:255]}, headers=SAME_ORIGIN)
    await browser.get(f"{PREFIX}/verify", headers={"authorization": f"Bearer {token}"})

    told = [record.getMessage() + repr(record.__dict__) for record in caplog.records]
    assert told
    assert not any(part in line for line in [*told, repr(api.events.taken)] for part in token.split("."))


async def test_a_token_is_not_given_while_the_store_is_away(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)

    async with api.store.outage():
        answers = [await ask(browser), await browser.get(KEY_SET)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert not set_cookies(answers[0])


async def test_what_verify_answers_says_whose_request_it_is(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)
    me = (await browser.get(f"{PREFIX}/me")).json()

    answer = (await browser.get(f"{PREFIX}/verify")).json()

    assert answer == {
        "principal": {
            "userId": me["user"]["id"],
            "sessionHandle": me["session"]["handle"],
            "backend": "memory",
            "providerId": me["session"]["providerId"],
            "scopes": ["openid", "email", "profile"],
            "roles": [],
        },
        "user": {name: me["user"][name] for name in ("id", "name", "email", "emailVerified")},
        "authenticatedAt": me["session"]["authenticatedAt"],
        "expiresAt": me["session"]["expiresAt"],
    }


async def test_the_next_key_signs_after_its_period_and_was_published_before(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    before = await key_ids(browser)

    api.clock.advance(timedelta(days=30))
    await api.sign_in(browser)
    token = await token_of(browser)
    after = await key_ids(browser)
    api.clock.advance(timedelta(minutes=20))
    later = await key_ids(browser)

    assert parse_jws(token).key_id == before[1]
    assert after[:2] == before
    assert later == after[1:]


async def test_without_the_extra_the_start_stops_and_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jose", None)
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_AUTH_PROVIDER": "google",
        "NETSCRIPT_AUTH_CLIENT_ID": "a.apps.googleusercontent.com",
        "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret",
        "NETSCRIPT_AUTH_TOKEN_AUDIENCES": REPORTS,
    }

    with pytest.raises(ConfigurationError) as refused:
        read_configuration(environment)

    (fault,) = refused.value.faults
    assert fault.variable == "NETSCRIPT_AUTH_TOKEN_AUDIENCES"
    assert fault.problem == "needs the extra tokens, which is not installed"
    assert "scripts/lib/production.sh FOLDER tokens" in fault.fix
