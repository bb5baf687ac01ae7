"""Swapping the backend by its variable, as docs/swap-backends.md says: nobody is lost."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from netscript_kernel.clock import SystemClock
from tests.support.auth_api_process import API, CALLBACK, NETSCRIPT, make_key, run_auth_api
from tests.support.better_auth import BetterAuthServer, run_better_auth
from tests.support.documented import Page, blocks_of
from tests.support.loopback import loopback_client
from tests.support.oidc_provider import OidcProvider, run_oidc_provider
from tests.support.ports import unused_port
from tests.support.site import sign_in
from tests.support.workos_emulator import WorkOSEmulator
from workspace import ROOT

# In one process: they share what takes long to start.
pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.xdist_group("workos_emulator")]

(SHARED,) = (block.text for block in blocks_of("docs/swap-backends.md") if block.info == "sh auth.env")
PEOPLE = ("alice", "bob", "carol")
FEDERATED = "acme"
ERIN = "usr_erin"


@dataclass(frozen=True)
class Company:
    """What auth-api stands between.

    Attributes:
        port: Where auth-api listens.
        folder: Where it runs.
        given: What takes the place of the addresses and files of the page.
    """

    port: int
    folder: Path
    provider: OidcProvider
    better_auth: BetterAuthServer
    given: Mapping[str, str]

    @property
    def url(self) -> str:
        """What browsers call auth-api."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, backend: str, more: str = "") -> dict[str, str]:
        """The variables of the page's file, and of what it adds, with our addresses."""
        lines = self.text(SHARED + more).splitlines()
        found = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        return {**found, "NETSCRIPT_AUTH_BACKEND": backend}

    def text(self, written: str) -> str:
        """What the page has for a file, with our addresses."""
        return self._ours(f"NETSCRIPT_PROFILE=development\n{written}")

    def _ours(self, value: str) -> str:
        for theirs, ours in self.given.items():
            value = value.replace(theirs, ours)
        return value

    def client(self) -> httpx.AsyncClient:
        """A browser, with cookies of its own."""
        return loopback_client(self.url)

    async def federated_cookies(self, person: str) -> str:
        """Sign a person in at better-auth, through the provider that auth-api knows as well."""
        async with loopback_client(self.better_auth.url) as http:
            wish = {"provider": FEDERATED, "callbackURL": "/"}
            begun = await http.post(
                "/api/auth/sign-in/social", json=wish, headers={"origin": self.better_auth.url}
            )
            answer = await http.get(await self.provider.sign_in(begun.json()["url"], person))
            assert answer.status_code == httpx.codes.FOUND, answer.text
            return cookies_of(http)


def cookies_of(http: httpx.AsyncClient) -> str:
    """What a browser sends as its cookies."""
    return "; ".join(f"{name}={value}" for name, value in http.cookies.items())


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Generator[Company]:
    folder, port, better_port = tmp_path_factory.mktemp("swap"), unused_port(), unused_port()
    better_url = f"http://127.0.0.1:{better_port}"
    redirects = [f"http://127.0.0.1:{port}{CALLBACK}", f"{better_url}/api/auth/callback/{FEDERATED}"]
    with run_oidc_provider(redirects) as provider:
        federation = {
            "providerId": FEDERATED,
            "discoveryUrl": f"{provider.issuer}/.well-known/openid-configuration",
            "clientId": provider.client.client_id,
            "clientSecret": provider.client.client_secret,
            "scopes": ["openid", "email", "profile"],
        }
        (folder / "keys").write_text(make_key())
        (folder / "client-secret").write_text(provider.client.client_secret)
        with run_better_auth(port=better_port, federation=federation) as better_auth:
            given = {
                "https://auth.acme.example": f"http://127.0.0.1:{port}",
                "https://login.acme.example": provider.issuer,
                "https://app.acme.example": better_auth.url,
                "=auth-api": f"={provider.client.client_id}",
                "auth-api": provider.client.client_id,
                "/etc/netscript": str(folder),
                "/var/lib/netscript": str(folder),
            }
            yield Company(port, folder, provider, better_auth, given)


@asynccontextmanager
async def serving(company: Company, environment: Mapping[str, str]) -> AsyncGenerator[None]:
    """Run auth-api while the block lasts."""
    with run_auth_api(environment, company.port, company.folder):
        yield


def told_by_the_script(company: Company, credential: str) -> tuple[str, str]:
    """Run the page's client script, and return the backend and the id that it prints."""
    command = [sys.executable, "examples/who.py", company.url, credential]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    backend, _, rest = done.stdout.strip().partition(": ")
    return backend, rest.split()[0]


async def user_id(http: httpx.AsyncClient, **headers: str) -> str:
    """Our id of whoever asks."""
    answer = (await http.get(f"{API}/me", headers=headers)).json()
    assert answer["authenticated"], answer
    found: str = answer["user"]["id"]
    return found


@pytest.mark.full
async def test_three_people_stay_who_they_are(company: Company) -> None:
    before, after = company.environment("kv-oauth"), company.environment("better-auth")
    async with AsyncExitStack() as stack:
        browsers = {each: await stack.enter_async_context(company.client()) for each in PEOPLE}
        async with serving(company, before):
            for person, browser in browsers.items():
                await sign_in(browser, company.provider, person)
            ids = {person: await user_id(browser) for person, browser in browsers.items()}
            cookies = {person: cookies_of(browser) for person, browser in browsers.items()}
            assert told_by_the_script(company, f"cookie: {cookies['alice']}") == ("kv-oauth", ids["alice"])

        async with serving(company, after):
            assert {person: await user_id(browser) for person, browser in browsers.items()} == ids
            # Alice signs in anew, at better-auth, through the provider that she has always used.
            anew = await company.federated_cookies("alice")
            assert told_by_the_script(company, f"cookie: {anew}") == ("better-auth", ids["alice"])
            assert (
                _command(company, after, "drain", "status") == "kv-oauth: 3 sessions of 3 people are left\n"
            )
            await revoke_own_session(browsers["bob"])

        async with serving(company, after):
            assert await user_id(browsers["carol"]) == ids["carol"]
            copied = (await browsers["carol"].get(f"{API}/me", headers={"cookie": cookies["bob"]})).json()
            assert (copied["authenticated"], copied["reason"]) == (False, "session_revoked")


async def revoke_own_session(http: httpx.AsyncClient) -> None:
    """End the one session that somebody has."""
    (own,) = (await http.get(f"{API}/sessions")).json()["sessions"]
    answer = await http.delete(f"{API}/sessions/{own['handle']}", headers={"x-netscript-csrf": "1"})
    assert answer.json() == {"revoked": True}


def _command(company: Company, environment: Mapping[str, str], *command: str, given: str = "") -> str:
    """Run ``netscript auth ...`` beside the service, and return what it prints."""
    done = subprocess.run(
        [str(NETSCRIPT), "auth", *command],
        env=dict(environment),
        cwd=company.folder,
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.page("docs/swap-backends.md", "sh workos.env")
async def test_one_variable_swaps_the_backend_and_the_same_script_finds_the_same_person(
    page: Page, company: Company, workos_emulator: WorkOSEmulator
) -> None:
    # The emulator signs nobody in at Google: what it lists of alice is what WorkOS's API documents.
    listed = [{"provider": "GoogleOAuth", "type": "OAuth", "provider_id": "alice-at-google"}]
    workos = await workos_emulator.environment(SystemClock(), identities=listed)
    (company.folder / "workos-api-key").write_text(workos.api_key)
    (company.folder / "workos-cookie-password").write_text(Fernet.generate_key().decode())
    everything = {
        **company.environment("kv-oauth", page.take("sh workos.env")),
        "WORKOS_BASE_URL": workos.base_url,
        "WORKOS_CLIENT_ID": workos.client_id,
    }
    known_by_both_accounts(company, everything, "erin", "alice-at-google")
    at_better_auth = await company.federated_cookies("erin")
    at_workos = (await workos.sign_in("alice"))["access_token"]

    async with company.client() as erin, company.client() as carol:
        async with serving(company, {**everything, "NETSCRIPT_AUTH_BACKEND": "kv-oauth"}):
            await sign_in(erin, company.provider, "erin")
            await sign_in(carol, company.provider, "carol")
            carols = await user_id(carol)
            first = told_by_the_script(company, f"cookie: {cookies_of(erin)}")

        async with serving(company, {**everything, "NETSCRIPT_AUTH_BACKEND": "better-auth"}):
            second = told_by_the_script(company, f"cookie: {at_better_auth}")

        async with serving(company, {**everything, "NETSCRIPT_AUTH_BACKEND": "workos"}):
            third = told_by_the_script(company, f"authorization: Bearer {at_workos}")
            assert await user_id(carol) == carols

    assert [first, second, third] == [("kv-oauth", ERIN), ("better-auth", ERIN), ("workos", ERIN)]


def known_by_both_accounts(
    company: Company, environment: Mapping[str, str], at_provider: str, at_google: str
) -> None:
    """Let one person be known by an account at the company's provider and by one at Google."""
    accounts = [
        {"issuer": company.provider.issuer, "subject": at_provider, "providerId": "oidc"},
        {"issuer": "https://accounts.google.com", "subject": at_google, "providerId": "google"},
    ]
    person = {"id": ERIN, "createdAt": "2026-01-01T00:00:00Z", "accounts": accounts}
    told = _command(company, environment, "identities", "import", "-", given=json.dumps(person))
    assert told == "imported: 1, already here: 0, refused: 0\n"


@pytest.mark.full
@pytest.mark.page("docs/swap-backends.md", "sh auth.env", "sh old", "sh new", "sh left", "sh who")
async def test_who_follows_the_steps_finds_the_same_person_with_the_other_backend(
    page: Page, company: Company
) -> None:
    # A store of its own, where nobody else has a session.
    (company.folder / "auth.env").write_text(
        company.text(page.take("sh auth.env")).replace("auth.db", "steps.db")
    )
    who = page.take("sh who")
    async with company.client() as browser:
        with run_auth_api(TYPED, company.port, company.folder, typed(page.take("sh old"))):
            await sign_in(browser, company.provider, "alice")
            given = {"AUTH_API": company.url, "COOKIE": cookies_of(browser)}
            before = printed_by(who, ROOT, given)

        with run_auth_api(TYPED, company.port, company.folder, typed(page.take("sh new"))):
            after = printed_by(who, ROOT, given)
            left = printed_by(page.take("sh left"), company.folder, TYPED)

    assert before.startswith("kv-oauth: usr_")
    assert after == before
    assert left == "kv-oauth: 1 session of 1 person is left\n"


TYPED = {"PATH": f"{NETSCRIPT.parent}:{os.environ['PATH']}"}


def typed(block: str) -> tuple[str, ...]:
    """A block of the page as somebody types it."""
    return ("bash", "-euc", block)


def printed_by(block: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Run a block of the page, which has to succeed, and return what it prints."""
    done = subprocess.run(
        typed(block), cwd=folder, env={**TYPED, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.full
async def test_without_the_rule_for_upstreams_nobody_is_guessed_to_be_the_same(company: Company) -> None:
    environment = company.environment("kv-oauth")
    async with serving(company, environment), company.client() as browser:
        await sign_in(browser, company.provider, "dave")
        before = await user_id(browser)
    apart = {**company.environment("better-auth"), "NETSCRIPT_AUTH_LINK_BY": "nothing"}
    apart.pop("NETSCRIPT_AUTH_DRAIN_BACKENDS")

    async with serving(company, apart):
        cookies = await company.federated_cookies("dave")

        assert told_by_the_script(company, f"cookie: {cookies}")[1] != before
