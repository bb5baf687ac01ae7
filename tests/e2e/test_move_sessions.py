"""Sessions move from a SQLite file to a Redis server under other keys, and no browser notices."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.opening import opened_parts
from tests.plugin_auth.test_auth_commands import run
from tests.support.auth_api_process import API, SESSION_COOKIE, make_key
from tests.support.desk import Desk, run_desk
from tests.support.site import sign_in

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with run_desk(tmp_path) as desk:
        scopes = {"NETSCRIPT_AUTH_SCOPES": "openid email profile offline_access"}
        yield replace(desk, environment={**desk.environment, **scopes})


async def _refresh(environment: Mapping[str, str], handle: str) -> None:
    """Have the provider refresh what it granted, as the service does when that is due."""
    async with opened_parts(read_configuration(dict(environment))) as parts:
        await parts.backend.sessions.refresh(handle)


async def test_the_same_cookie_is_good_at_a_service_on_the_other_store_and_its_grant_is_refreshed(
    desk: Desk, redis_url: str
) -> None:
    key = desk.folder / "way.key"
    key.touch(mode=0o600)
    key.write_text(make_key())
    moved = {**desk.environment, "NETSCRIPT_KV_URL": redis_url, "NETSCRIPT_AUTH_KEYS": make_key()}
    with desk.run():
        async with desk.client() as browser, desk.client() as gone:
            for each in (browser, gone):
                await sign_in(each, desk.provider)
            left = {"cookie": f"{SESSION_COOKIE}={gone.cookies[SESSION_COOKIE]}"}
            await gone.post(f"{API}/signout", json={})
            cookie = {"cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"}
            before = (await browser.get(f"{API}/me")).json()

    key_of_the_way = ("--key-file", "way.key")
    words = ("auth", "sessions", "export", *key_of_the_way, "--out", "out.jsonl")
    exported = run(*words, folder=desk.folder, **desk.environment)
    imported = run(*("auth", "sessions", "import", *key_of_the_way, "out.jsonl"), folder=desk.folder, **moved)

    assert (exported.returncode, imported.returncode) == (0, 0), exported.stderr + imported.stderr
    assert imported.stdout.startswith("imported: 1, already here: 0, ")
    with replace(desk, environment=moved).run():
        async with desk.client() as http:
            after = (await http.get(f"{API}/me", headers=cookie)).json()
            is_left = (await http.get(f"{API}/session", headers=left)).json()["authenticated"]
            await _refresh(moved, after["session"]["handle"])
            still = (await http.get(f"{API}/me", headers=cookie)).json()
    assert after == before
    assert (is_left, still["authenticated"]) == (False, True)
