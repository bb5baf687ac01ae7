"""What token endpoints answer, through our own HTTP client."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
import respx

from netscript_auth_core.errors import (
    AuthError,
    BackendUnavailableError,
    FlowRefusedError,
    ProviderProtocolError,
)
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth import ProviderConfig, create_kv_oauth_backend
from netscript_auth_kv_oauth.presets.protocol import ClientAuth
from netscript_auth_kv_oauth.provider.provider_http import MOST_BYTES
from netscript_kernel.clock import SettableClock
from tests.kv_oauth.pretend import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEYS,
    REDIRECT_URI,
    Answer,
    Counter,
    PretendProvider,
    pretend_config,
)

PROTOCOL, OUTAGE, REFUSED = ProviderProtocolError, BackendUnavailableError, FlowRefusedError
SPACE = b" " * (MOST_BYTES + 1)

ANSWERS: dict[str, tuple[httpx.Response | Exception, type[AuthError]]] = {
    "200 with an error": (httpx.Response(200, json={"error": "bad_verification_code"}), REFUSED),
    "400 invalid_grant": (httpx.Response(400, json={"error": "invalid_grant"}), REFUSED),
    "400 without JSON": (httpx.Response(400, text="no"), REFUSED),
    "400 with an error that is no code": (httpx.Response(400, json={"error": ["<b>", 1]}), REFUSED),
    "401 invalid_client": (httpx.Response(401, json={"error": "invalid_client"}), REFUSED),
    "404 HTML": (httpx.Response(404, html="<h1>not here</h1>"), REFUSED),
    "408": (httpx.Response(408), OUTAGE),
    "429": (httpx.Response(429), OUTAGE),
    "500": (httpx.Response(500, json={"error": "invalid_grant"}), OUTAGE),
    "503": (httpx.Response(503, html="<h1>away</h1>"), OUTAGE),
    "400 temporarily_unavailable": (httpx.Response(400, json={"error": "temporarily_unavailable"}), OUTAGE),
    "a connection refused": (httpx.ConnectError("refused"), OUTAGE),
    "a timeout": (httpx.ReadTimeout("too slow"), OUTAGE),
    "half an answer": (httpx.RemoteProtocolError("peer closed"), OUTAGE),
    "200 HTML": (httpx.Response(200, html="<h1>welcome</h1>"), PROTOCOL),
    "301": (httpx.Response(301, headers={"location": "https://evil.example/token"}), PROTOCOL),
    "302": (httpx.Response(302, headers={"location": "/elsewhere"}), PROTOCOL),
    "307": (httpx.Response(307, headers={"location": "https://idp.example/token2"}), PROTOCOL),
    "204": (httpx.Response(204), PROTOCOL),
    "an empty body": (httpx.Response(200), PROTOCOL),
    "an array": (httpx.Response(200, json=[]), PROTOCOL),
    "null": (httpx.Response(200, content=b"null"), PROTOCOL),
    "not UTF-8": (httpx.Response(200, content=b'{"access_token": "\xff"}'), PROTOCOL),
    "a body too large": (httpx.Response(200, content=b"{}" + SPACE), PROTOCOL),
    "a compressed body": (httpx.Response(200, headers={"content-encoding": "zstd-of-ours"}), PROTOCOL),
}
MEMBERS: dict[str, dict[str, object]] = {
    "no access token": {"access_token": None},
    "an empty access token": {"access_token": ""},
    "an access token that is no text": {"access_token": 7},
    "an endless access token": {"access_token": "x" * 70_000},
    "no token type": {"token_type": None},
    "token type mac": {"token_type": "mac"},
    "token type DPoP": {"token_type": "DPoP"},
    "negative expires_in": {"expires_in": -1},
    "expires_in in words": {"expires_in": "an hour"},
    "negative expires_in in quotes": {"expires_in": "-1"},
    "fractional expires_in": {"expires_in": 1.5},
    "expires_in true": {"expires_in": True},
    "a refresh token that is no text": {"refresh_token": {}},
    "an id token that is no text": {"id_token": 7},
    "a scope that is no text": {"scope": ["openid"]},
}


@pytest.fixture
async def idp() -> PretendProvider:
    return PretendProvider(SettableClock())


@pytest.fixture
async def network(idp: PretendProvider) -> AsyncGenerator[respx.MockRouter]:
    async with respx.mock(assert_all_called=False) as router:
        router.route(host="idp.example").mock(side_effect=idp.answer)
        yield router


@pytest.fixture
async def counter(network: respx.MockRouter, idp: PretendProvider) -> AsyncGenerator[Counter]:
    """A backend with the HTTP client that it makes for itself."""
    async with _opened(pretend_config(), idp) as counter:
        yield counter


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_without_tokens_signs_nobody_in(case: str, counter: Counter) -> None:
    answer, expected = ANSWERS[case]
    counter.idp.overrides["/token"] = _answering(answer)

    with pytest.raises(expected) as caught:
        await counter.sign_in()

    if isinstance(caught.value, FlowRefusedError):
        assert caught.value.code is FlowReason.CODE_REFUSED
    assert CLIENT_SECRET not in str(caught.value)
    assert counter.idp.count("/token") == 1, "a code is never sent twice"


@pytest.mark.parametrize("case", MEMBERS)
async def test_a_token_response_that_is_not_sound_signs_nobody_in(case: str, counter: Counter) -> None:
    counter.idp.tokens = MEMBERS[case]

    with pytest.raises(ProviderProtocolError) as caught:
        await counter.sign_in()

    assert next(iter(MEMBERS[case])) in caught.value.problem


@pytest.mark.parametrize("members", [{"expires_in": "3600"}, {"expires_in": None}, {"token_type": "bearer"}])
async def test_what_many_providers_send_is_borne(members: dict[str, object], counter: Counter) -> None:
    counter.idp.tokens = members

    assert (await counter.sign_in()).issued.token


@pytest.mark.parametrize("id_token", [None, ""])
async def test_an_openid_provider_without_id_token_signs_nobody_in(
    id_token: str | None, counter: Counter
) -> None:
    counter.idp.tokens = {"id_token": id_token}

    with pytest.raises(FlowRefusedError) as refusal:
        await counter.sign_in()

    assert refusal.value.code is FlowReason.ID_TOKEN_MISSING


async def test_granted_scopes_are_the_sessions(counter: Counter) -> None:
    counter.idp.tokens = {"scope": "openid email"}

    assert (await counter.sign_in()).issued.session.scopes == ("openid", "email")


async def test_the_request_is_the_one_of_the_standards(counter: Counter) -> None:
    await counter.sign_in()

    (form,) = counter.idp.forms("/token")
    (request,) = [each for each in counter.idp.requests if each.url.path == "/token"]
    assert form.keys() == {"grant_type", "redirect_uri", "code", "code_verifier"}
    assert form["redirect_uri"] == REDIRECT_URI
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("netscript-auth-kv-oauth/")
    pair = b64encode(f"{CLIENT_ID}:the+secret%2Fof%2Bapp".encode()).decode()
    assert request.headers["authorization"] == f"Basic {pair}"


@pytest.mark.parametrize(
    ("metadata", "preset", "in_form"),
    [
        (["client_secret_post"], ClientAuth.BY_METADATA, True),
        (["client_secret_post", "client_secret_basic"], ClientAuth.BY_METADATA, False),
        (["private_key_jwt"], ClientAuth.BY_METADATA, False),
        (None, ClientAuth.BY_METADATA, False),
        (None, ClientAuth.POST, True),
        (["client_secret_post"], ClientAuth.BASIC, False),
    ],
)
async def test_the_client_authenticates_as_the_provider_wants(
    metadata: list[str] | None,
    preset: ClientAuth,
    in_form: bool,
    network: respx.MockRouter,
    idp: PretendProvider,
) -> None:
    idp.metadata["token_endpoint_auth_methods_supported"] = metadata
    config = pretend_config()
    config = pretend_config(preset=config.preset.model_copy(update={"client_auth": preset}))
    async with _opened(config, idp) as counter:
        await counter.sign_in()

    (form,) = idp.forms("/token")
    assert (form.get("client_secret") == CLIENT_SECRET) is in_form


async def test_a_public_client_sends_its_id_and_no_secret(
    network: respx.MockRouter, idp: PretendProvider
) -> None:
    async with _opened(pretend_config(client_secret=None), idp) as counter:
        await counter.sign_in()

    (form,) = idp.forms("/token")
    assert form["client_id"] == CLIENT_ID
    assert "client_secret" not in form


@asynccontextmanager
async def _opened(config: ProviderConfig, idp: PretendProvider) -> AsyncGenerator[Counter]:
    clock = SettableClock()
    backend = create_kv_oauth_backend(config, clock=clock, keys=KEYS)
    yield Counter(clock, idp, backend)
    await backend.aclose()


def _answering(answer: httpx.Response | Exception) -> Answer:
    def reply(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return reply
