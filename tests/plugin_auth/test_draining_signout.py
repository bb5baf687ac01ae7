"""A sign-out through auth-api while earlier backends are drained: nothing that the browser has is left."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.ports import Anonymous, AuthBackendPort, AuthRequest, Outcome
from netscript_kernel.keyring import KeyRing, generate_key
from netscript_kernel.service.service import Service
from netscript_kernel.settings import Settings
from netscript_plugin_auth.composition import create_auth_service
from netscript_plugin_auth.service import open_auth_service
from tests.plugin_auth.draining import COOKIES, HEADER, KEY, Swap, both, swap
from tests.support.auth_api import PREFIX, PUBLIC_URL, SAME_ORIGIN, client_of, running_auth_api, settings_from
from tests.support.elements import Elements

KINDS = pytest.mark.parametrize(
    ("earlier_is_hosted", "active_is_hosted"),
    [(False, False), (False, True), (True, False), (True, True)],
    ids=["kept, kept", "kept, hosted", "hosted, kept", "hosted, hosted"],
)


def two_backends(*, earlier_is_hosted: bool, active_is_hosted: bool) -> Swap:
    """Backends that can all end their sessions."""
    return swap(earlier_is_hosted=earlier_is_hosted, active_is_hosted=active_is_hosted, upstreams_revoke=True)


@asynccontextmanager
async def browser_of(place: Swap, request: AuthRequest) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser that has what a request carries, before a service that drains the earlier backend."""
    service = create_auth_service(
        settings_from(), place.draining(), place.store, keys=KeyRing([KEY]), clock=place.clock, drains=True
    )
    async with browser_before(service, request) as browser:
        yield browser


@asynccontextmanager
async def browser_before(service: Service, request: AuthRequest) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser that has what a request carries, before a service that is started here."""
    await service.start()
    headers = {**request.headers, **SAME_ORIGIN}
    if request.session_tokens:
        headers["cookie"] = "; ".join(f"{COOKIES.session_name}={each}" for each in request.session_tokens)
    try:
        async with client_of(service, headers) as browser:
            yield browser
    finally:
        await service.stop()


def opening(backend: AuthBackendPort) -> BackendDefinition[Settings]:
    """What an adapter registers, for a backend that is there."""

    async def open_it(_: Settings, __: BackendContext) -> AuthBackendPort:
        return backend

    return BackendDefinition(settings=Settings, open=open_it)


async def sign_out(browser: httpx.AsyncClient, *, everywhere: bool = False) -> int:
    """Sign out, and return how many sessions ended."""
    answer = await browser.post(f"{PREFIX}/signout", json={"everywhere": everywhere})
    assert answer.status_code == httpx.codes.OK, answer.text
    ended: int = answer.json()["ended"]
    return ended


@KINDS
@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_session_of_an_earlier_backend_ends(
    earlier_is_hosted: bool, active_is_hosted: bool, everywhere: bool
) -> None:
    place = two_backends(earlier_is_hosted=earlier_is_hosted, active_is_hosted=active_is_hosted)
    request, _ = await place.sign_in_before()
    async with browser_of(place, request) as browser:
        everywhere = everywhere and not active_is_hosted  # an upstream does not end all of a person's

        assert await sign_out(browser, everywhere=everywhere) == 1

        assert (await browser.get(f"{PREFIX}/me")).json()["authenticated"] is False
    assert isinstance(await place.earlier.authenticate(request), Anonymous)


@pytest.mark.parametrize(
    ("earlier_is_hosted", "active_is_hosted"), [(True, False), (False, True)], ids=["to kept", "to hosted"]
)
async def test_of_two_people_whose_sessions_a_browser_has_neither_is_left(
    earlier_is_hosted: bool, active_is_hosted: bool
) -> None:
    place = two_backends(earlier_is_hosted=earlier_is_hosted, active_is_hosted=active_is_hosted)
    alice, _ = await place.sign_in_before("alice")
    gus, _ = await place.sign_in_now("gus")
    async with browser_of(place, both(alice, gus)) as browser:
        assert await sign_out(browser) == 2

        assert (await browser.get(f"{PREFIX}/me")).json()["authenticated"] is False
        for request in (alice, gus):
            assert isinstance(await place.draining().authenticate(request), Anonymous)


async def test_a_service_that_is_opened_with_a_drained_backend_leaves_neither() -> None:
    place = two_backends(earlier_is_hosted=True, active_is_hosted=False)
    alice, _ = await place.sign_in_before("alice")
    gus, _ = await place.sign_in_now("gus")
    environment = {
        "NETSCRIPT_KV_URL": "memory://",
        "NETSCRIPT_AUTH_PUBLIC_URL": PUBLIC_URL,
        "NETSCRIPT_AUTH_KEYS": generate_key(),
        "NETSCRIPT_AUTH_BACKEND": "harbour",
        "NETSCRIPT_AUTH_DRAIN_BACKENDS": "pier",
    }
    definitions = {"harbour": opening(place.active), "pier": opening(place.earlier)}
    service = await open_auth_service(environment, definitions=definitions)

    async with browser_before(service, both(alice, gus)) as browser:
        assert await sign_out(browser) == 2

        assert (await browser.get(f"{PREFIX}/me")).json()["authenticated"] is False


class WithPeers(MemoryAuthBackend):
    """Answers for itself alone, whatever it calls what it has, and is asked nothing at a sign-out."""

    earlier = ()

    async def authenticate(self, request: AuthRequest) -> Outcome:
        raise AssertionError


async def test_a_backend_answers_for_others_by_what_is_configured_and_not_by_an_attribute() -> None:
    async with running_auth_api(WithPeers) as api, client_of(api.service, SAME_ORIGIN) as browser:
        assert await sign_out(browser) == 0


async def test_what_only_looks_like_a_session_of_the_active_backend_keeps_none_from_ending() -> None:
    place = two_backends(earlier_is_hosted=False, active_is_hosted=True)
    request, _ = await place.sign_in_before()
    planted = AuthRequest(request.session_tokens, {HEADER: "planted".ljust(43, "x")})
    async with browser_of(place, planted) as browser:
        assert await sign_out(browser) == 1

    assert isinstance(await place.earlier.authenticate(request), Anonymous)


async def test_where_an_earlier_backend_cannot_tell_nobody_is_said_to_be_signed_out() -> None:
    place = two_backends(earlier_is_hosted=True, active_is_hosted=False)
    alice, _ = await place.sign_in_before("alice")
    gus, _ = await place.sign_in_now("gus")
    place.memory_of_earlier.storage.is_away = True
    async with browser_of(place, both(alice, gus)) as browser:
        answer = await browser.post(f"{PREFIX}/signout", json={})

    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("is_earlier", [True, False])
async def test_the_account_offers_to_sign_out_where_whoever_keeps_the_session_can_end_it(
    is_earlier: bool,
) -> None:
    place = swap(active_is_hosted=True)  # whose upstream ends no session
    request, _ = await (place.sign_in_before() if is_earlier else place.sign_in_now())

    async with browser_of(place, request) as browser:
        page = Elements((await browser.get("/account")).text)

    assert [form["action"] for form in page.all("form")] == (["/account/signout"] if is_earlier else [])
