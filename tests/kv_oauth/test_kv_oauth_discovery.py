"""A provider's metadata: fetched late, kept, believed only where it is sound."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_kv_oauth import create_kv_oauth_backend, providers
from netscript_kernel.clock import SettableClock
from tests.kv_oauth.pretend import CLIENT_ID, KEYS, REDIRECT_URI, Counter, PretendProvider, open_pretend

PATH = "/.well-known/openid-configuration"

UNSOUND: dict[str, dict[str, object]] = {
    "another issuer": {"issuer": "https://other.example"},
    "the issuer with a slash": {"issuer": "https://idp.example/"},
    "the issuer in other letters": {"issuer": "https://IDP.example"},
    "no issuer": {"issuer": None},
    "no authorization endpoint": {"authorization_endpoint": None},
    "no token endpoint": {"token_endpoint": None},
    "no keys": {"jwks_uri": None},
    "an endpoint that is no text": {"token_endpoint": ["https://idp.example/token"]},
    "a plain token endpoint": {"token_endpoint": "http://idp.example/token"},
    "a plain key set": {"jwks_uri": "http://idp.example/jwks"},
    "a plain userinfo endpoint": {"userinfo_endpoint": "http://idp.example/userinfo"},
    "a loopback endpoint": {"token_endpoint": "http://127.0.0.1/token"},
    "a script as endpoint": {"authorization_endpoint": "javascript:alert(1)"},
    "a path as endpoint": {"authorization_endpoint": "/authorize"},
    "an endpoint with a password": {"token_endpoint": "https://user:word@idp.example/token"},
    "an endpoint with a fragment": {"authorization_endpoint": "https://idp.example/authorize#x"},
    "an endpoint with a line end": {"authorization_endpoint": "https://idp.example/\r\nx"},
    "an endless endpoint": {"authorization_endpoint": f"https://idp.example/{'x' * 3000}"},
    "an odd promise": {"authorization_response_iss_parameter_supported": "yes"},
}
ANSWERS: dict[str, httpx.Response | Exception] = {
    "404": httpx.Response(404),
    "500": httpx.Response(500),
    "HTML": httpx.Response(200, html="<h1>hello</h1>"),
    "an array": httpx.Response(200, json=[]),
    "a redirect": httpx.Response(302, headers={"location": "https://evil.example/"}),
    "nothing": httpx.ConnectError("refused"),
}


async def test_nothing_is_asked_before_somebody_wants_to_sign_in() -> None:
    async with open_pretend() as counter:
        await counter.backend.start()
        await counter.backend.check_health()
        assert counter.idp.requests == []

        await counter.start()

        assert [request.url.path for request in counter.idp.requests] == [PATH]


@pytest.mark.parametrize("case", UNSOUND)
async def test_unsound_metadata_is_no_metadata(case: str, caplog: pytest.LogCaptureFixture) -> None:
    async with open_pretend() as counter:
        sound = dict(counter.idp.metadata)
        counter.idp.metadata = {k: v for k, v in {**sound, **UNSOUND[case]}.items() if v is not None}

        with pytest.raises(BackendUnavailableError, match="the provider oidc"):
            await counter.start()

        assert "cannot be used" in caplog.text, "the operator is told, since nobody else can help"
        counter.idp.metadata = sound
        assert (await counter.sign_in()).issued.token


@pytest.mark.parametrize("case", ANSWERS)
async def test_metadata_that_cannot_be_had_is_an_outage(case: str) -> None:
    async with open_pretend() as counter:
        _answer(counter, ANSWERS[case])

        with pytest.raises(BackendUnavailableError):
            await counter.start()

        assert {request.url.host for request in counter.idp.requests} == {"idp.example"}


async def test_metadata_is_asked_for_once_an_hour() -> None:
    async with open_pretend() as counter:
        for minutes in (0, 30, 29):
            counter.clock.advance(timedelta(minutes=minutes))
            await counter.start()
        assert counter.idp.count(PATH) == 1

        counter.clock.advance(timedelta(minutes=1))
        await counter.start()

        assert counter.idp.count(PATH) == 2


async def test_sign_ins_at_the_same_time_share_one_request() -> None:
    async with open_pretend() as counter:
        await asyncio.gather(*(counter.start() for _ in range(20)))

        assert counter.idp.count(PATH) == 1


async def test_a_sign_in_that_is_given_up_does_not_spoil_the_others() -> None:
    async with open_pretend() as counter:
        first = asyncio.create_task(counter.start())
        second = asyncio.create_task(counter.start())
        await asyncio.sleep(0)

        first.cancel()

        assert (await second).redirect_url


async def test_a_provider_that_is_away_is_known_for_a_day_and_asked_now_and_then() -> None:
    async with open_pretend() as counter:
        await counter.start()
        _answer(counter, httpx.Response(503))
        counter.clock.advance(timedelta(hours=23))
        for _ in range(10):
            await counter.start()
        assert counter.idp.count(PATH) == 2

        counter.clock.advance(timedelta(seconds=30))
        await counter.start()
        await counter.backend.settle()
        assert counter.idp.count(PATH) == 3

        counter.clock.advance(timedelta(hours=1))
        with pytest.raises(BackendUnavailableError):
            await counter.start()


async def test_a_provider_that_is_back_is_fresh_again() -> None:
    async with open_pretend() as counter:
        await counter.start()
        _answer(counter, httpx.Response(503))
        counter.clock.advance(timedelta(hours=2))
        await counter.start()
        del counter.idp.overrides[PATH]
        counter.idp.metadata["authorization_endpoint"] = "https://idp.example/moved"

        counter.clock.advance(timedelta(seconds=30))
        await counter.start()
        await counter.backend.settle()

        assert (await counter.start()).redirect_url.startswith("https://idp.example/moved?")


async def test_an_issuer_with_a_path_has_its_metadata_below_it() -> None:
    issuer = "https://idp.example/realms/acme"
    async with open_pretend(
        providers.oidc(issuer=issuer, client_id=CLIENT_ID, redirect_uri=REDIRECT_URI)
    ) as counter:
        path = "/realms/acme/.well-known/openid-configuration"
        counter.idp.overrides[path] = lambda _: httpx.Response(200, json=counter.idp.metadata)

        assert (await counter.start()).redirect_url

        assert counter.idp.count(path) == 1


async def test_plain_http_on_this_machine_is_for_development_only() -> None:
    clock = SettableClock()
    issuer = "http://idp.acme.localhost:9094"
    idp = PretendProvider(clock, issuer)
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        idp.metadata[name] = f"{issuer}/{name}"
    config = providers.oidc(issuer=issuer, client_id=CLIENT_ID, redirect_uri=REDIRECT_URI)
    async with httpx.AsyncClient(transport=httpx.MockTransport(idp.answer)) as http:
        backend = create_kv_oauth_backend(config, clock=clock, http=http, keys=KEYS, is_production=False)
        counter = Counter(clock, idp, backend)

        assert (await counter.start()).redirect_url.startswith(issuer)

        idp.metadata["token_endpoint"] = "http://idp.example/token"
        counter.clock.advance(timedelta(days=2))
        with pytest.raises(BackendUnavailableError, match="token_endpoint"):
            await counter.start()
        await backend.aclose()


def _answer(counter: Counter, answer: httpx.Response | Exception) -> None:
    def reply(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    counter.idp.overrides[PATH] = reply
