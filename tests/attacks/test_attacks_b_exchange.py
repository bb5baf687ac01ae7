"""Catalogue B11 and B12: what we ask of a token endpoint, and what it may answer."""

import gzip
from collections.abc import Callable

import httpx
import pytest

from tests.attacks.addresses import query_of, replaced
from tests.attacks.oracle import refused
from tests.attacks.world import CALLBACK, CLIENT_SECRET, EVIL, World
from tests.support.auth_api import PUBLIC_URL
from tests.support.web_browser import WebBrowser

HUGE = 300 * 1024
DEEP = "[" * 100_000


def _json(status: int, **members: object) -> httpx.Response:
    return httpx.Response(status, json=members)


def _tokens(**members: object) -> httpx.Response:
    return _json(200, **{"access_token": "a" * 20, "token_type": "Bearer", "id_token": "x.y.z", **members})


CODE_REFUSED, AWAY, NONSENSE = (403, "code_refused"), (503, "backend_unavailable"), (502, "provider_protocol")
TOKEN_ANSWERS: dict[str, tuple[Callable[[], httpx.Response], tuple[int, str]]] = {
    "200 with an error": (lambda: _json(200, error="bad_verification_code"), CODE_REFUSED),
    "200 with an error that is no text": (lambda: _json(200, error={"code": 5}), CODE_REFUSED),
    "200 with tokens and an error": (lambda: _tokens(error="invalid_grant"), CODE_REFUSED),
    "400": (lambda: _json(400, error="invalid_grant"), CODE_REFUSED),
    "400 with a page": (lambda: httpx.Response(400, html="<p>no"), CODE_REFUSED),
    "400 with tokens": (lambda: httpx.Response(400, content=_tokens().content), CODE_REFUSED),
    "401": (lambda: _json(401, error="invalid_client"), CODE_REFUSED),
    "403 without a word": (lambda: httpx.Response(403), CODE_REFUSED),
    "500": (lambda: httpx.Response(500), AWAY),
    "503 with tokens": (lambda: httpx.Response(503, content=_tokens().content), AWAY),
    "429": (lambda: httpx.Response(429), AWAY),
    "400 server_error": (lambda: _json(400, error="server_error"), AWAY),
    "a page": (lambda: httpx.Response(200, html="<p>Welcome"), NONSENSE),
    "302": (lambda: httpx.Response(302, headers={"location": f"{EVIL}/token"}), NONSENSE),
    "307 with tokens": (
        lambda: httpx.Response(307, headers={"location": EVIL}, content=_tokens().content),
        NONSENSE,
    ),
    "nothing": (lambda: httpx.Response(200), NONSENSE),
    "204": (lambda: httpx.Response(204), NONSENSE),
    "a list": (lambda: httpx.Response(200, json=[{"access_token": "x"}]), NONSENSE),
    "NaN": (lambda: httpx.Response(200, content=b'{"access_token":NaN}'), NONSENSE),
    "half a body": (lambda: httpx.Response(200, content=_tokens().content[:-5]), NONSENSE),
    "deep nesting": (lambda: httpx.Response(200, content=DEEP.encode()), NONSENSE),
    "too much": (lambda: _tokens(padding="x" * HUGE), NONSENSE),
    "a bomb": (
        lambda: httpx.Response(
            200, content=gzip.compress(b"0" * HUGE * 10), headers={"content-encoding": "gzip"}
        ),
        NONSENSE,
    ),
    "token_type mac": (lambda: _tokens(token_type="mac"), NONSENSE),
    "no token_type": (lambda: _tokens(token_type=None), NONSENSE),
    "token_type is a list": (lambda: _tokens(token_type=["Bearer"]), NONSENSE),
    "access_token is a number": (lambda: _tokens(access_token=42), NONSENSE),
    "access_token is empty": (lambda: _tokens(access_token=""), NONSENSE),
    "access_token is endless": (lambda: _tokens(access_token="a" * 70_000), NONSENSE),
    "negative expires_in": (lambda: _tokens(expires_in=-1), NONSENSE),
    "expires_in true": (lambda: _tokens(expires_in=True), NONSENSE),
    "expires_in 1.5": (lambda: _tokens(expires_in=1.5), NONSENSE),
    "expires_in in words": (lambda: _tokens(expires_in="an hour"), NONSENSE),
    "no id token": (lambda: _tokens(id_token=None), (403, "id_token_missing")),
    "an id token that is none": (_tokens, (403, "id_token_invalid")),
}


@pytest.mark.parametrize("name", TOKEN_ANSWERS)
async def test_b11_no_token_answer_but_a_good_one_signs_anybody_in(
    world: World, victim: WebBrowser, name: str
) -> None:
    answer, expected = TOKEN_ANSWERS[name]
    callback = await world.agree(victim)
    world.wire.answer = lambda request: answer() if request.url.path == "/token" else None

    await refused(world, world.come_back(victim, callback), *expected)

    assert await world.who(victim) is None
    assert (world.asked_for_tokens(), world.wire.requests[-1].url.host) == (1, "idp.localhost")


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectError, httpx.RemoteProtocolError])
async def test_b11_a_token_endpoint_that_does_not_answer_is_an_outage(
    world: World, victim: WebBrowser, error: type[httpx.TransportError]
) -> None:
    callback = await world.agree(victim)
    world.wire.answer = lambda request: _fail(error, request)

    await refused(world, world.come_back(victim, callback), *AWAY)


@pytest.mark.parametrize("seconds", ["3600", 3600, 0, 10**15, None], ids=repr)
async def test_b11_a_lifetime_in_quotes_or_out_of_all_proportion_is_borne(
    world: World, victim: WebBrowser, seconds: object
) -> None:
    world.change("/token", lambda body: {**body, "expires_in": seconds})

    await world.sign_in(victim)

    assert await world.who(victim) == "Alice Example"


async def test_b11_a_provider_that_repeats_our_secrets_in_its_error_gets_them_into_no_log(
    world: World, victim: WebBrowser
) -> None:
    callback = await world.agree(victim)

    def repeat(request: httpx.Request) -> httpx.Response | None:
        sent = request.content.decode()
        words = f"{sent} {CLIENT_SECRET} {request.headers.get('authorization')}"
        return _json(400, error=words, error_description=words, error_uri=words)

    world.wire.answer = repeat
    await refused(world, world.come_back(victim, callback), *CODE_REFUSED)


async def test_b12_the_code_is_redeemed_with_its_verifier_and_the_address_it_was_asked_for_with(
    world: World, victim: WebBrowser
) -> None:
    asked = query_of(await world.begin(victim))

    await world.sign_in(victim)

    (form,) = world.wire.forms("/token")
    assert form["redirect_uri"] == asked["redirect_uri"] == f"{PUBLIC_URL}{CALLBACK}"
    assert form["code_verifier"]
    (request,) = [each for each in world.wire.requests if each.url.path == "/token"]
    assert (request.method, request.url.query) == ("POST", b"")


async def test_b12_two_flows_at_once_keep_their_verifiers_apart(world: World, victim: WebBrowser) -> None:
    one, other = await world.agree(victim), await world.agree(victim, "bob")
    swapped = replaced(one, "code", query_of(other)["code"])

    await refused(world, world.come_back(victim, swapped), *CODE_REFUSED)

    assert await world.who(victim) is None, "the provider saw the verifier of another flow"


@pytest.mark.parametrize("public_host", ["evil.example", "auth.acme.example:8443", "AUTH.ACME.EXAMPLE"])
async def test_b12_no_host_header_moves_the_callback(
    world: World, victim: WebBrowser, public_host: str
) -> None:
    headers = {"host": public_host, "x-forwarded-host": "evil.example", "x-forwarded-proto": "http"}

    answer = await victim.fetch("/api/v1/auth/signin", headers=headers)

    if answer.has_redirect_location:
        assert query_of(answer.headers["location"])["redirect_uri"] == f"{PUBLIC_URL}{CALLBACK}"
    else:
        assert (public_host, answer.status_code) == ("evil.example", 400)


def _fail(error: type[httpx.TransportError], request: httpx.Request) -> httpx.Response | None:
    if request.url.path == "/token":
        raise error(f"no answer to {request.content!r}", request=request)
    return None
