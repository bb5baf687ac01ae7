"""How a sign-in begins: what the browser carries to the provider."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from netscript_auth_core.errors import FlowRefusedError, InvalidInputError
from netscript_auth_core.ports import SigninRequest
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth import ProviderConfig, create_kv_oauth_backend, providers
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.kv_oauth.desks import open_desk, the_provider
from tests.kv_oauth.people import CLIENT, REDIRECT_URI
from tests.kv_oauth.pretend import CLIENT_ID, open_pretend

MANY = 50
OF_THE_STANDARDS = frozenset(
    {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "prompt"}
    | {"code_challenge", "code_challenge_method"}
)
UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


async def test_sign_ins_share_nothing_and_show_no_secret() -> None:
    async with open_desk() as desk:
        queries = [_query((await desk.start()).redirect_url) for _ in range(MANY)]

    for name in ("state", "nonce", "code_challenge"):
        assert len({query[name] for query in queries}) == MANY
        assert min(len(query[name]) for query in queries) >= 22, "128 bits are 22 characters"
    assert {query["code_challenge_method"] for query in queries} == {"S256"}
    assert {frozenset(query) for query in queries} == {OF_THE_STANDARDS}
    assert str(CLIENT.client_secret) not in str(queries)


async def test_the_verifier_is_long_enough_and_fits_the_challenge() -> None:
    async with open_desk() as desk:
        await desk.sign_in()

        (form,) = desk.people.wire.forms("/token")

    assert UNRESERVED.fullmatch(form["code_verifier"])
    assert len(form["code_verifier"]) == 64
    assert form["redirect_uri"] == REDIRECT_URI


async def test_pkce_is_sent_to_a_provider_that_does_not_announce_it() -> None:
    async with open_desk() as desk:
        desk.people.idp.misbehave(Misbehaviour.METADATA_WITHOUT_PKCE)

        query = _query((await desk.start()).redirect_url)

    assert query["code_challenge_method"] == "S256"


async def test_fewer_scopes_may_be_asked_for_but_openid_is_always_there() -> None:
    async with open_desk() as desk:
        query = _query((await desk.backend.interactive.start(_wish(scopes=("email",)))).redirect_url)

        with pytest.raises(InvalidInputError, match="openid email profile offline_access"):
            await desk.backend.interactive.start(_wish(scopes=("email", "admin")))

    assert query["scope"] == "openid email"
    assert "prompt" not in query


async def test_offline_access_asks_for_consent_so_that_a_refresh_token_comes() -> None:
    async with open_desk() as desk:
        query = _query((await desk.start()).redirect_url)

    assert query["scope"] == "openid email profile offline_access"
    assert query["prompt"] == "consent"


@pytest.mark.parametrize("hint", ["x" * 321, "\ud800"])
async def test_a_hint_that_cannot_be_sent_is_refused(hint: str) -> None:
    async with open_desk() as desk:
        with pytest.raises(InvalidInputError, match="320 characters"):
            await desk.start(login_hint=hint)


async def test_google_gets_its_own_parameter_instead_of_the_scope() -> None:
    async with open_pretend(google("openid", "email", "offline_access")) as counter:
        query = _query((await counter.start()).redirect_url)

    assert query["scope"] == "openid email"
    assert (query["access_type"], query["prompt"]) == ("offline", "consent")


async def test_google_is_not_asked_for_consent_where_nothing_is_to_be_refreshed() -> None:
    async with open_pretend(google()) as counter:
        query = _query((await counter.start()).redirect_url)

    assert {"access_type", "prompt"} & query.keys() == set()


@pytest.mark.parametrize("iss", ["https://accounts.google.com", "accounts.google.com"])
async def test_google_may_spell_its_issuer_in_two_ways_and_means_one_account(iss: str) -> None:
    async with open_pretend(google()) as counter:
        counter.idp.claims["iss"] = iss

        issued = (await counter.sign_in()).issued

    assert [account.issuer for account in issued.user.accounts] == ["https://accounts.google.com"]
    assert issued.user.email_verified


async def test_another_provider_may_not_spell_its_issuer_so() -> None:
    async with open_pretend() as counter:
        counter.idp.claims["iss"] = "idp.example"

        with pytest.raises(FlowRefusedError) as refusal:
            await counter.sign_in()

    assert refusal.value.code is FlowReason.ID_TOKEN_INVALID


async def test_of_several_providers_one_must_be_named() -> None:
    first = replace(the_provider(), id="first", redirect_uri=f"{REDIRECT_URI}/first")
    second = replace(the_provider(), id="second", redirect_uri=f"{REDIRECT_URI}/second")
    backend = create_kv_oauth_backend([first, second])

    for wished in (None, "third"):
        with pytest.raises(InvalidInputError, match="one of first, second"):
            await backend.interactive.start(SigninRequest(wished, "/"))

    await backend.aclose()


async def test_an_endpoint_that_has_a_query_keeps_it() -> None:
    async with open_pretend() as counter:
        counter.idp.metadata["authorization_endpoint"] = "https://idp.example/authorize?tenant=acme"

        query = _query((await counter.start()).redirect_url)

    assert query["tenant"] == "acme"
    assert query["client_id"] == CLIENT_ID


def test_what_an_application_writes_down_shows_no_secret() -> None:
    config = providers.google(client_id="an-id", client_secret="GOCSPX-secret", redirect_uri=REDIRECT_URI)

    assert "GOCSPX" not in repr(config)


def google(*scopes: str) -> ProviderConfig:
    """Google, as an application configures it."""
    return providers.google(
        client_id=CLIENT_ID, client_secret="a-secret", redirect_uri=REDIRECT_URI, scopes=scopes
    )


def _query(url: str) -> dict[str, str]:
    parameters = parse_qs(urlsplit(url).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in parameters.values())
    return {name: values[0] for name, values in parameters.items()}


def _wish(scopes: tuple[str, ...]) -> SigninRequest:
    return SigninRequest(None, "/", scopes=scopes)
