"""Catalogue K: a service that is set up wrongly does not start; keys can be changed without harm."""

from pathlib import Path

import httpx
import pytest

from netscript_auth_core.errors import SessionEndedError
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import KeyRing
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.faults import describe
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.oracle import refused
from tests.attacks.world import NEW_KEY, OLD_KEY, World
from tests.support.auth_api import FLOW_PREFIX
from tests.support.web_browser import WebBrowser

# Fixed, because parameters name tests, and parallel runners must agree on the names.
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
GOOD = {
    "NETSCRIPT_KV_URL": "memory://",
    "NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example",
    "NETSCRIPT_AUTH_KEYS": KEY,
    "NETSCRIPT_AUTH_ISSUER": "https://login.acme.example",
    "NETSCRIPT_AUTH_CLIENT_ID": "auth-api",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "s3cret-of-the-client",
}
A = "NETSCRIPT_AUTH_"
HOST = "9f3a.example"
VALUES: dict[str, tuple[str | None, ...]] = {
    f"{A}BACKEND": ("keycloak-9f3a", "", "   ", "KV-OAuth", " kv-oauth", "kv_oauth", "../kv-oauth"),
    f"{A}KEYS": (None, "", KEY[:-2], "9f" * 32, "A" * 43, f"{KEY},", f"{KEY};{KEY}", "changeme" * 5),
    f"{A}PUBLIC_URL": (
        *(None, f"http://{HOST}", "http://localhost:8094", f"https://{HOST}/path"),
        *(f"https://u:s3cret@{HOST}", HOST),
    ),
    f"{A}ISSUER": (
        *(None, f"http://{HOST}", f"https://{HOST}#tenant", f"https://{HOST}?tenant=1"),
        *(f"https://u:s3cret@{HOST}", HOST),
    ),
    f"{A}REDIRECT_URI": (f"http://{HOST}/api/v1/auth/callback", "javascript:x", f"https://{HOST}/callback#x"),
    f"{A}CLIENT_ID": (None, " "),
    f"{A}CLIENT_SECRET": ("", "s3cret with\nnewline"),
    f"{A}PROVIDER": ("goggle",),
    f"{A}ALLOWED_RETURN_TO": ("*", "https://*.acme.example", f"http://{HOST}", f"//{HOST}"),
    f"{A}DEFAULT_RETURN_TO": (f"https://{HOST}/",),
    f"{A}ALLOWED_ORIGINS": ("*", f"https://{HOST}/", "null"),
    f"{A}ALLOWED_HOSTS": ("*", f"https://{HOST}"),
    f"{A}COOKIE_NAME": ("__Host-mine", "a b", "netscript-flow-x"),
    f"{A}SESSION_TTL": ("0", "9999d", "-1d"),
    f"{A}SESSION_IDLE_TTL": ("8d",),
    f"{A}CLIENT_SERCET": ("s3cret-typo",),
    "NETSCRIPT_PROFILE": ("prodution", "Development"),
    "NETSCRIPT_KV_URL": (None, "ftp://u:s3cret@x"),
    "PORT": ("0", "http"),
}
FAULTY = [(variable, value) for variable, values in VALUES.items() for value in values]
NO_SECRET = frozenset({"", " ", " kv-oauth", "   ", "*", "0", "null", "http", "a b"})


@pytest.mark.parametrize(("variable", "value"), FAULTY)
def test_k1_a_faulty_setting_keeps_the_service_from_starting(variable: str, value: str | None) -> None:
    environment = _without(GOOD, variable) if value is None else {**GOOD, variable: value}

    with pytest.raises(ConfigurationError) as refusal:
        read_configuration(environment)

    told = f"{refusal.value}\n{describe(refusal.value)}"
    assert variable in {*(fault.variable for fault in refusal.value.faults), _family(variable)}
    assert all(fault.fix for fault in refusal.value.faults)
    if value not in NO_SECRET | {None}:
        assert str(value) not in told.replace("NETSCRIPT_", "")
    assert "s3cret" not in told
    assert KEY not in told


def test_k1_all_faults_are_told_at_once_and_without_a_single_value() -> None:
    environment = {name: f"wrong-{position}-value" for position, name in enumerate(GOOD)}

    with pytest.raises(ConfigurationError) as refusal:
        read_configuration(environment)

    assert len(refusal.value.faults) >= 4
    assert "-value" not in describe(refusal.value)


@pytest.mark.parametrize("content", ["", "31 bytes of anything, not a key", None, "\xff"], ids=repr)
def test_k1_a_secret_in_a_file_is_held_to_the_same(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    environment = {**_without(GOOD, f"{A}KEYS"), f"{A}KEYS_FILE": str(path)}

    with pytest.raises(ConfigurationError) as refusal:
        read_configuration(environment)

    assert {fault.variable for fault in refusal.value.faults} <= {f"{A}KEYS", f"{A}KEYS_FILE"}
    assert not content or content not in describe(refusal.value)


def test_k1_the_good_one_is_good() -> None:
    assert read_configuration(GOOD).backend.settings


def test_k1_what_was_read_shows_no_secret() -> None:
    shown = repr(read_configuration(GOOD))

    assert KEY not in shown
    assert "s3cret" not in shown


async def test_k2_with_the_old_key_still_there_nobody_is_signed_out_and_grants_are_sealed_anew() -> None:
    async with open_world(scopes=OFFLINE) as world:
        browser = world.browser()
        await world.sign_in(browser)
        handle = await world.handle(browser)
        later = world.thief(browser, await world.add_worker((NEW_KEY, OLD_KEY)))

        await world.backends[1].sessions.refresh(handle)

        assert await world.who(later) == "Alice Example"
        entry = await world.store.get(f"auth/grant/{handle}")
        assert entry is not None
        assert KeyRing([NEW_KEY]).is_current(entry.value)
        assert KeyRing([NEW_KEY]).open(entry.value, purpose="auth/grant", record_id=handle)


async def test_k2_a_sign_in_begun_under_the_old_key_is_finished_under_the_new_one(
    world: World, victim: WebBrowser
) -> None:
    callback = await world.agree(victim)
    later = world.browser(await world.add_worker((NEW_KEY, OLD_KEY)))
    later.jar = victim.jar

    await world.come_back(later, callback)

    assert await world.who(later) == "Alice Example"


async def test_k2_without_the_old_key_a_sign_in_under_way_is_refused_cleanly(
    world: World, victim: WebBrowser
) -> None:
    callback = await world.agree(victim)
    later = world.browser(await world.add_worker((NEW_KEY,)))
    later.jar = victim.jar

    await refused(world, world.come_back(later, callback), 403, "flow_not_bound")

    assert world.asked_for_tokens() == 0


async def test_k2_without_the_old_key_sessions_live_on_and_only_their_grants_are_lost() -> None:
    async with open_world(scopes=OFFLINE) as world:
        browser = world.browser()
        await world.sign_in(browser)
        handle = await world.handle(browser)
        later = world.thief(browser, await world.add_worker((NEW_KEY,)))
        before = world.asked_for_tokens()

        session = await world.backends[1].sessions.refresh(handle)

        assert session.handle == handle
        assert world.asked_for_tokens() == before
        assert await world.who(later) == "Alice Example"
        assert (await later.submit("/api/v1/auth/signout", [])).status_code == httpx.codes.SEE_OTHER
        with pytest.raises(SessionEndedError):
            await world.backends[1].sessions.refresh(handle)


async def test_k2_a_cookie_signed_by_a_key_that_was_given_up_is_worth_nothing(
    world: World, victim: WebBrowser
) -> None:
    forger = world.browser(await world.add_worker((NEW_KEY,)))
    callback = await world.agree(forger)
    (name,) = forger.jar.names(FLOW_PREFIX)
    victim.jar.plant(victim.home, name, str(forger.jar.value(name)))

    await refused(world, victim.open(callback), 403, "flow_not_bound")


def _without(environment: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in environment.items() if key != name}


def _family(variable: str) -> str:
    """Without an issuer it is not known which provider there is."""
    return variable if variable == f"{A}ISSUER" else ""
