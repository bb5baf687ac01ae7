"""auth-api with several providers known by name: GitHub, and Apple, which posts its answers."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import pytest

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.testing.recorded_events import RecordedEvents
from netscript_auth_kv_oauth import create_kv_oauth_backend
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.service.service import Service
from netscript_plugin_auth.composition import create_auth_service
from tests.kv_oauth.preset_peers import PresetPeer, config_of, documented
from tests.support.auth_api import NAVIGATING, PREFIX, PUBLIC_URL, client_of, settings_from

GITHUB = ("github.com", "api.github.com")
IDS = ("github", "apple")
FORM = {"content-type": "application/x-www-form-urlencoded", "origin": "https://appleid.apple.com"}


@dataclass(frozen=True)
class System:
    """The service, and the providers that it asks."""

    service: Service
    peers: dict[str, PresetPeer]


@pytest.fixture
async def system() -> AsyncGenerator[System]:
    clock, events = SettableClock(), RecordedEvents()
    store, keys = MemoryKvStore(clock), KeyRing([bytes(range(32))])
    configs = [config_of(each, redirect_uri=f"{PUBLIC_URL}{PREFIX}/callback/{each}") for each in IDS]
    peers = {config.id: PresetPeer(clock, config, documented(config.id)) for config in configs}

    async def answer(request: httpx.Request) -> httpx.Response:
        return await peers["github" if request.url.host in GITHUB else "apple"].answer(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        users = UserDirectory(store, clock)
        backend = create_kv_oauth_backend(
            configs, store=store, keys=keys, clock=clock, http=http, users=users, events=events
        )
        service = create_auth_service(settings_from(), backend, store, keys=keys, clock=clock, events=events)
        await service.start()
        yield System(service, peers)
        await service.stop()


@pytest.fixture
async def browser(system: System) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(system.service, NAVIGATING) as client:
        yield client


async def test_people_choose_by_the_names_that_they_know(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/login")

    assert "Continue with GitHub" in page.text
    assert "Continue with Apple" in page.text


async def test_a_person_comes_in_by_github(system: System, browser: httpx.AsyncClient) -> None:
    begun = await browser.get(f"{PREFIX}/signin", params={"providerId": "github"})
    parameters = dict(system.peers["github"].agree(begun.headers["location"]))

    answer = await browser.get(f"{PREFIX}/callback/github", params=parameters)

    me = (await browser.get(f"{PREFIX}/me")).json()
    assert answer.status_code == 303
    assert (me["user"]["name"], me["user"]["email"], me["user"]["emailVerified"]) == (
        *("octocat", "octocat@github.com"),
        True,
    )


async def test_apple_posts_and_the_name_that_comes_once_is_kept(
    system: System, browser: httpx.AsyncClient
) -> None:
    begun = await browser.get(f"{PREFIX}/signin", params={"providerId": "apple"})
    fields = [*system.peers["apple"].agree(begun.headers["location"]), *documented("apple").callback.items()]
    async with client_of(system.service, {**NAVIGATING, **FORM}) as without_cookies:
        posted = await without_cookies.post(f"{PREFIX}/callback/apple", content=urlencode(fields))
    browser.cookies.update(posted.cookies)

    answer = await browser.get(posted.headers["location"])

    me = (await browser.get(f"{PREFIX}/me")).json()
    assert answer.status_code == 303
    assert (me["user"]["name"], me["user"]["email"]) == ("Anna Haro", "x8k2p@privaterelay.appleid.com")
    assert "Anna" not in posted.headers["location"]


async def test_a_code_of_one_provider_does_not_pass_at_the_callback_of_the_other(
    system: System, browser: httpx.AsyncClient
) -> None:
    begun = await browser.get(f"{PREFIX}/signin", params={"providerId": "github"})
    parameters = dict(system.peers["github"].agree(begun.headers["location"]))

    answer = await browser.get(f"{PREFIX}/callback/apple", params=parameters)

    assert answer.status_code == 403
    assert system.peers["github"].count("/token") + system.peers["apple"].count("/token") == 0
