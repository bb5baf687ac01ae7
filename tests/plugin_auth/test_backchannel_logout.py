"""Providers say that somebody signed out there: what the service makes of it, whichever backend it has."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_kernel.keyring import KeyRing
from netscript_plugin_auth.composition import create_auth_service
from tests.plugin_auth.draining import KEY, Swap, swap
from tests.support.auth_api import PREFIX, PUBLIC_URL, AuthApi, client_of, running_auth_api, settings_from
from tests.support.auth_backends import HostedElsewhereBackend

OF_PRETEND = f"{PREFIX}/backchannel-logout/pretend"


@pytest.fixture
async def api() -> AsyncGenerator[AuthApi]:
    async with running_auth_api() as running:
        yield running


async def _is_signed_in(browser: httpx.AsyncClient) -> bool:
    return bool((await browser.get(f"{PREFIX}/session")).json()["authenticated"])


async def test_a_logout_token_ends_the_sessions_and_the_answer_is_empty(api: AuthApi) -> None:
    async with api.browser() as browser, api.program() as provider:
        await api.sign_in(browser)
        token = await api.provider.logout_of("alice")

        answer = await provider.post(OF_PRETEND, data={"logout_token": token, "more": "of it"})

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert not await _is_signed_in(browser)


async def test_a_token_that_is_refused_has_a_reason_and_ends_nothing(api: AuthApi) -> None:
    async with api.browser() as browser, api.program() as provider:
        await api.sign_in(browser)

        answer = await provider.post(OF_PRETEND, data={"logout_token": "made-up"})

        assert (answer.status_code, answer.json()["data"]) == (400, {"reason": "signature_invalid"})
        assert answer.headers["cache-control"] == "no-store"
        assert await _is_signed_in(browser)


async def test_without_the_store_the_provider_is_asked_to_send_it_again(api: AuthApi) -> None:
    async with api.browser() as browser, api.program() as provider:
        await api.sign_in(browser)
        token = await api.provider.logout_of("alice")

        async with api.outage():
            answer = await provider.post(OF_PRETEND, data={"logout_token": token})

        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert int(answer.headers["retry-after"]) >= 1
        assert await _is_signed_in(browser)
        assert (await provider.post(OF_PRETEND, data={"logout_token": token})).is_success
        assert not await _is_signed_in(browser)


async def test_nobody_signs_out_by_a_link(api: AuthApi) -> None:
    async with api.program() as provider:
        answer = await provider.get(OF_PRETEND)

    assert answer.status_code == httpx.codes.METHOD_NOT_ALLOWED


async def test_a_backend_that_no_upstream_tells_says_why_not() -> None:
    async with running_auth_api(_ToldNothing) as api, api.program() as provider:
        answer = await provider.post(OF_PRETEND, data={"logout_token": "a.b.c"})
        described = (await provider.get(f"{PREFIX}/describe")).json()

    assert answer.status_code == httpx.codes.NOT_IMPLEMENTED
    assert answer.json()["data"] == {
        "backend": "memory",
        "operation": "upstream_logout",
        "reason": "its upstream does",
    }
    assert "upstream_logout" not in described["capabilities"]
    assert "backchannel-logout" not in described["routeGroups"]


class _ToldNothing(HostedElsewhereBackend):
    upstream_logout = None  # type: ignore[assignment]  # that is what it says of itself

    def __setattr__(self, name: str, value: object) -> None:
        if name != "upstream_logout":
            super().__setattr__(name, value)


def _is_in(outcome: object) -> bool:
    assert isinstance(outcome, Authenticated | Anonymous)
    return isinstance(outcome, Authenticated)


@pytest.mark.parametrize("active_is_hosted", [True, False], ids=["hosted", "kept"])
async def test_while_a_backend_is_drained_its_provider_is_listened_to(active_is_hosted: bool) -> None:
    place: Swap = swap(earlier_is_hosted=False, active_is_hosted=active_is_hosted)
    service = create_auth_service(
        settings_from(), place.draining(), place.store, keys=KeyRing([KEY]), clock=place.clock
    )
    await service.start()
    async with client_of(service, {}) as provider:
        request: AuthRequest = (await place.sign_in_before())[0]
        token = await place.provider.logout_of("alice")

        answer = await provider.post(OF_PRETEND, data={"logout_token": token})

        assert answer.status_code == httpx.codes.OK
        assert not _is_in(await place.draining().authenticate(request))
    await service.stop()


async def test_a_network_whose_logout_tokens_are_refused_all_the_time_has_to_wait() -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, "203.0.113.7") as liar:
        made_up = [await liar.post(OF_PRETEND, data={"logout_token": "made-up"}) for _ in range(201)]
        async with _from(api, "198.51.100.1") as provider, api.browser() as browser:
            await api.sign_in(browser)

            told = await provider.post(
                OF_PRETEND, data={"logout_token": await api.provider.logout_of("alice")}
            )

            assert told.status_code == httpx.codes.OK
            assert not await _is_signed_in(browser)

    assert [each.status_code for each in made_up] == [400] * 200 + [429]
    assert int(made_up[-1].headers["retry-after"]) >= 1
    names = [each.name for each in api.events.taken]
    assert (names.count(EventName.LOGOUT_REFUSED), names.count(EventName.REQUEST_LIMITED)) == (200, 1)


async def test_sign_outs_that_are_believed_are_never_too_many() -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, "203.0.113.7") as provider:
        tokens = [await api.provider.logout_of("alice") for _ in range(250)]

        answers = [await provider.post(OF_PRETEND, data={"logout_token": each}) for each in tokens]

    assert {each.status_code for each in answers} == {200}


async def test_who_asks_for_too_many_sign_ins_keeps_no_provider_from_telling_of_a_sign_out() -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, "203.0.113.7") as both:
        signins = [(await both.get(f"{PREFIX}/signin")).status_code for _ in range(11)]

        told = await both.post(OF_PRETEND, data={"logout_token": await api.provider.logout_of("alice")})

    assert signins[-1] == httpx.codes.TOO_MANY_REQUESTS
    assert told.status_code == httpx.codes.OK


def _from(api: AuthApi, address: str) -> httpx.AsyncClient:
    """A program at an address."""
    transport = httpx.ASGITransport(api.service.app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)
