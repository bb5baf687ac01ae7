"""``netscript auth keys ...`` as an operator types it, beside a service that runs on."""

import asyncio
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from netscript_auth_core.backends import AnyDefinition
from netscript_auth_core.domain import Device, ExternalIdentity
from netscript_auth_core.memory import definition
from netscript_auth_core.ports import Authenticated, AuthRequest
from netscript_auth_kv_oauth import KvOAuthBackend, create_kv_oauth_backend, providers
from netscript_auth_kv_oauth.grants.grants import Grant
from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import KeyRing, parse_keys
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth import configuration
from netscript_plugin_auth.commands import beside
from netscript_plugin_auth.commands.keys import rotate_keys, show_keys
from netscript_plugin_auth.commands.signing_key import rotate_signing_key
from netscript_plugin_auth.doctor.examination import examine

OLD, NEW = (urlsafe_b64encode(bytes(range(n, n + 32))).decode().rstrip("=") for n in (1, 101))
ID = {key: KeyRing(parse_keys(key)).key_ids[0] for key in (OLD, NEW)}
PROVIDER = providers.google(
    client_id="a.apps.googleusercontent.com", client_secret="s", redirect_uri="https://a.example/callback"
)
WHO = ExternalIdentity(issuer="https://accounts.google.com", subject="1", provider_id="google")


class Operator:
    """Somebody at a terminal, with an environment."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.environment: dict[str, str] = {
            "NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example",
            "NETSCRIPT_KV_URL": f"sqlite:///{folder / 'auth.db'}",
            "NETSCRIPT_AUTH_KEYS": OLD,
            "NETSCRIPT_AUTH_PROVIDER": "google",
            "NETSCRIPT_AUTH_CLIENT_ID": "a.apps.googleusercontent.com",
            "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret",
        }

    async def sign_in(self, many: int) -> list[str]:
        """Let people sign in at a service with this environment, and return their tokens."""
        store = await open_sqlite_store(self.folder / "auth.db", SystemClock())
        backend = self._backend(store)
        tokens = [await _begin(backend) for _ in range(many)]
        await backend.aclose()
        await store.aclose()
        return tokens

    async def are_signed_in(self, tokens: list[str]) -> bool:
        store = await open_sqlite_store(self.folder / "auth.db", SystemClock())
        backend = self._backend(store)
        outcomes = [await backend.authenticate(AuthRequest((token,))) for token in tokens]
        await backend.aclose()
        await store.aclose()
        return all(isinstance(outcome, Authenticated) for outcome in outcomes)

    def read(self) -> str:
        return self._capsys.readouterr().out

    def read_json(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.read())
        return told

    def _backend(self, store: KvStorePort) -> KvOAuthBackend:
        keys = KeyRing(parse_keys(self.environment["NETSCRIPT_AUTH_KEYS"]))
        return create_kv_oauth_backend(PROVIDER, store=store, keys=keys)


async def _begin(backend: KvOAuthBackend) -> str:
    grant = Grant(
        provider_id="google",
        issuer=WHO.issuer,
        subject=WHO.subject,
        refresh_token=secrets.token_urlsafe(),
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    return (await backend.sessions.begin(WHO, Device(), grant, ())).token


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Operator:
    operator = Operator(tmp_path, capsys)

    def environment() -> Mapping[str, str]:
        return operator.environment

    monkeypatch.setattr(beside, "process_environment", environment)
    return operator


def _keys(*rows: tuple[str, str, int]) -> list[dict[str, object]]:
    return [{"keyId": key, "state": state, "secrets": count} for key, state, count in rows]


async def _prepared(operator: Operator) -> list[str]:
    tokens = await operator.sign_in(3)
    operator.environment["NETSCRIPT_AUTH_KEYS"] = f"{NEW},{OLD}"
    return tokens + await operator.sign_in(1)


async def test_the_status_counts_what_each_key_seals(operator: Operator) -> None:
    await _prepared(operator)

    code = await asyncio.to_thread(show_keys, as_json=True)

    assert code == 0
    assert operator.read_json() == {"keys": _keys((ID[NEW], "current", 1), (ID[OLD], "configured", 3))}


async def test_a_rehearsal_changes_nothing(operator: Operator) -> None:
    await _prepared(operator)

    codes = [await asyncio.to_thread(rotate_keys, as_json=True, is_rehearsal=True) for _ in range(2)]

    assert codes == [0, 0]
    first, second = operator.read().splitlines()
    assert first == second
    assert json.loads(first)["wouldSealAnew"] == 3


async def test_a_rotation_seals_all_anew_so_that_the_old_key_may_go(operator: Operator) -> None:
    tokens = await _prepared(operator)

    code = await asyncio.to_thread(rotate_keys, as_json=True, is_rehearsal=False)

    assert code == 0
    assert operator.read_json() == {
        "sealedAnew": 3,
        "keys": _keys((ID[NEW], "current", 4), (ID[OLD], "configured", 0)),
    }
    operator.environment["NETSCRIPT_AUTH_KEYS"] = NEW
    assert await operator.are_signed_in(tokens)
    await asyncio.to_thread(show_keys, as_json=True)
    assert operator.read_json() == {"keys": _keys((ID[NEW], "current", 4))}


async def test_what_a_missing_key_sealed_is_told_in_words(operator: Operator) -> None:
    tokens = await operator.sign_in(2)
    operator.environment["NETSCRIPT_AUTH_KEYS"] = NEW

    code = await asyncio.to_thread(rotate_keys, as_json=False, is_rehearsal=False)

    shown = operator.read()
    assert code == 0
    assert "Sealed anew: 0" in shown
    assert f"{ID[OLD]:<14}{2:>8}  is not configured" in shown
    assert await operator.are_signed_in(tokens)


async def keys_gone(operator: Operator) -> list[str]:
    """Return what the doctor says of the store and its keys."""
    examined = await examine(operator.environment)
    [looked] = [each for each in examined if each.id == "store.reachable"]
    return [f"{each.severity.value}: {each.problem}" for each in looked.findings]


async def test_the_doctor_finds_a_key_that_went_before_the_rotation_and_none_that_went_after_it(
    operator: Operator,
) -> None:
    await _prepared(operator)
    operator.environment["NETSCRIPT_AUTH_KEYS"] = NEW
    too_early = await keys_gone(operator)
    operator.environment["NETSCRIPT_AUTH_KEYS"] = f"{NEW},{OLD}"
    while_both_are_there = await keys_gone(operator)
    await asyncio.to_thread(rotate_keys, as_json=True, is_rehearsal=False)
    operator.environment["NETSCRIPT_AUTH_KEYS"] = NEW

    in_time = await keys_gone(operator)

    assert too_early == [f"error: the key {ID[OLD]} is gone, and still seals 3 secrets"]
    assert (while_both_are_there, in_time) == ([], [])


async def test_the_doctor_follows_its_own_advice_about_a_key_that_is_gone(operator: Operator) -> None:
    tokens = await _prepared(operator)
    operator.environment["NETSCRIPT_AUTH_KEYS"] = NEW
    assert await keys_gone(operator)

    operator.environment["NETSCRIPT_AUTH_KEYS"] = f"{NEW},{OLD}"
    await asyncio.to_thread(rotate_keys, as_json=True, is_rehearsal=False)
    operator.environment["NETSCRIPT_AUTH_KEYS"] = NEW

    assert await keys_gone(operator) == []
    assert await operator.are_signed_in(tokens)


async def test_the_doctor_finds_keys_that_sign_tokens_under_a_key_that_is_gone(operator: Operator) -> None:
    operator.environment["NETSCRIPT_AUTH_TOKEN_AUDIENCES"] = "reports"
    await operator.sign_in(0)
    await asyncio.to_thread(rotate_signing_key, as_json=True, forgets_earlier=False)

    operator.environment["NETSCRIPT_AUTH_KEYS"] = NEW

    assert await keys_gone(operator) == [f"error: the key {ID[OLD]} is gone, and still seals 2 secrets"]


def test_a_mistyped_file_is_not_made_and_not_taken_for_one_without_secrets(operator: Operator) -> None:
    operator.environment["NETSCRIPT_KV_URL"] = f"sqlite:///{operator.folder / 'another.db'}"

    with pytest.raises(ConfigurationError, match=r"another\.db, where there is no store"):
        show_keys(as_json=True)

    assert not (operator.folder / "another.db").exists()


async def test_no_key_shows(operator: Operator) -> None:
    await _prepared(operator)

    await asyncio.to_thread(show_keys, as_json=False)
    await asyncio.to_thread(rotate_keys, as_json=True, is_rehearsal=False)

    shown = operator.read()
    assert OLD not in shown
    assert NEW not in shown


@pytest.mark.parametrize("as_json", [True, False])
def test_a_backend_that_keeps_none_says_so(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    operator.environment |= {"NETSCRIPT_AUTH_BACKEND": "memory", "NETSCRIPT_PROFILE": "development"}
    for name in ("PROVIDER", "CLIENT_ID", "CLIENT_SECRET"):
        del operator.environment[f"NETSCRIPT_AUTH_{name}"]
    monkeypatch.setattr(configuration, "find_backend", _memory)
    (operator.folder / "auth.db").touch()

    code = show_keys(as_json=as_json)

    assert code == 0
    assert operator.read() == (
        '{"keys": null}\n'
        if as_json
        else "The memory backend keeps no secrets under these keys: nothing is to be done.\n"
    )


def _memory(*_: object) -> AnyDefinition:
    return definition


def test_a_store_within_the_services_process_cannot_be_looked_into(operator: Operator) -> None:
    operator.environment["NETSCRIPT_KV_URL"] = "memory://"

    with pytest.raises(ConfigurationError, match="NETSCRIPT_KV_URL: names a store within the process"):
        show_keys(as_json=False)


def test_a_store_that_cannot_be_opened_is_told(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    (operator.folder / "auth.db").write_text("this is no database, but long enough to look like something")

    code = show_keys(as_json=False)

    assert code == 1
    assert "auth.db" in capsys.readouterr().err


async def test_keys_that_sign_tokens_are_counted_and_sealed_anew_with_all_others(operator: Operator) -> None:
    operator.environment["NETSCRIPT_AUTH_TOKEN_AUDIENCES"] = "reports"
    await operator.sign_in(1)
    assert await asyncio.to_thread(rotate_signing_key, as_json=True, forgets_earlier=False) == 0
    operator.read()
    operator.environment["NETSCRIPT_AUTH_KEYS"] = f"{NEW},{OLD}"

    codes = [
        await asyncio.to_thread(show_keys, as_json=True),
        await asyncio.to_thread(rotate_keys, as_json=True, is_rehearsal=False),
    ]

    assert codes == [0, 0]
    before, after = map(json.loads, operator.read().splitlines())
    assert before["keys"] == _keys((ID[NEW], "current", 0), (ID[OLD], "configured", 3))
    assert after["keys"] == _keys((ID[NEW], "current", 3), (ID[OLD], "configured", 0))


async def test_a_key_that_signs_tokens_is_changed_at_once(operator: Operator) -> None:
    operator.environment["NETSCRIPT_AUTH_TOKEN_AUDIENCES"] = "reports"
    await operator.sign_in(0)

    for forgets in (False, False, True):
        assert await asyncio.to_thread(rotate_signing_key, as_json=True, forgets_earlier=forgets) == 0

    told = [json.loads(line)["keyId"] for line in operator.read().splitlines()]
    assert len(set(told)) == 3


async def test_without_tokens_there_is_no_signing_key_to_change(operator: Operator) -> None:
    await operator.sign_in(0)

    with pytest.raises(ConfigurationError, match="NETSCRIPT_AUTH_TOKEN_AUDIENCES"):
        await asyncio.to_thread(rotate_signing_key, as_json=False, forgets_earlier=False)
