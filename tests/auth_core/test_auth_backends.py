"""Adapters are found by name, and only the chosen one is imported."""

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from netscript_auth_core import backends
from netscript_auth_core.backends import BackendContext, check_capabilities, find_backend, installed_backends
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import Device
from netscript_auth_core.errors import BackendNotFoundError, CapabilityMismatchError
from netscript_auth_core.memory import MemoryAuthBackend, MemoryBackendSettings, definition
from netscript_auth_core.ports import Authenticated, AuthRequest
from netscript_auth_core.testing import RecordedEvents
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from tests.auth_core.other_kinds import HostedBackend

FIND = """
import sys
from netscript_auth_core.backends import find_backend, installed_backends
print("acme" in installed_backends(), "acme_adapter" in sys.modules, "other_adapter" in sys.modules)
print(find_backend("acme") is sys.modules["acme_adapter"].definition, "other_adapter" in sys.modules)
"""
ADAPTER = """
from netscript_auth_core.backends import BackendDefinition
from netscript_kernel.settings import Settings
definition = BackendDefinition(settings=Settings, open=None)
"""


def install(folder: Path, name: str, module: str, code: str) -> None:
    """Put a distribution with one adapter where Python finds it."""
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{backends.GROUP}]\n{name} = {module}:definition\n")
    (folder / f"{module}.py").write_text(code)


def context(*, is_production: bool) -> BackendContext:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    return BackendContext(
        public_url="https://auth.acme.example",
        is_production=is_production,
        store=store,
        keys=KeyRing([bytes(range(32))]),
        users=UserDirectory(store, clock),
        clock=clock,
        events=RecordedEvents(),
    )


@pytest.mark.slow
def test_only_the_chosen_adapter_is_imported(tmp_path: Path) -> None:
    install(tmp_path, "acme", "acme_adapter", ADAPTER)
    install(tmp_path, "other", "other_adapter", "raise SystemExit('it was imported')")

    run = subprocess.run(  # our own code
        [sys.executable, "-c", FIND],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert run.stdout == "True False False\nTrue False\n", run.stderr


def test_an_unknown_name_is_answered_with_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, acme="os:sep", kv="os:sep")

    with pytest.raises(
        BackendNotFoundError, match="no auth backend named 'kv-ouath'; installed: acme, kv, memory"
    ):
        find_backend("kv-ouath", {"memory": definition, "acme": definition})


def test_without_any_adapter_the_error_says_none(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch)

    with pytest.raises(BackendNotFoundError, match="installed: none"):
        find_backend("acme")


def test_a_name_is_not_repeated_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch)

    with pytest.raises(BackendNotFoundError) as caught:
        find_backend("x" * 10_000)

    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("name", ["", " memory", "MEMORY", "memory "])
def test_a_name_counts_exactly_as_registered(name: str) -> None:
    with pytest.raises(BackendNotFoundError):
        find_backend(name, {"memory": definition})


def test_an_entry_point_that_is_no_definition_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, acme="os:sep")

    with pytest.raises(CapabilityMismatchError, match=r"acme .* is no BackendDefinition"):
        find_backend("acme")


def test_what_is_given_comes_before_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, memory="os:sep")

    assert find_backend("memory", {"memory": definition}) is definition


def test_the_memory_backend_is_installed_under_no_name() -> None:
    assert "memory" not in installed_backends()


async def test_the_memory_backend_opens_with_its_settings() -> None:
    settings = MemoryBackendSettings.from_environment({"NETSCRIPT_AUTH_SESSION_TTL": "90m"})
    given = context(is_production=False)

    backend = await definition.open(settings, given)

    assert isinstance(backend, MemoryAuthBackend)
    provider = backend.pretend_provider
    issued = await backend.sessions.create(provider.identity("alice"), Device())
    assert (issued.session.expires_at - given.clock.now()).total_seconds() == 90 * 60
    assert isinstance(await backend.authenticate(AuthRequest((issued.token,))), Authenticated)


async def test_the_memory_backend_refuses_production() -> None:
    with pytest.raises(
        ConfigurationError, match="NETSCRIPT_AUTH_BACKEND: names the memory backend"
    ) as caught:
        await definition.open(MemoryBackendSettings(), context(is_production=True))

    assert "kv-oauth" in str(caught.value)


class WithoutItsInteractivePart(HostedBackend):
    capabilities = Capabilities(frozenset({Capability.SIGNIN}))


class OffersHalfASignin(MemoryAuthBackend):
    capabilities = Capabilities(frozenset(Capability) - {Capability.CALLBACK})


class BeginsWhatItCannotEnd(MemoryAuthBackend):
    capabilities = Capabilities(frozenset(Capability) - {Capability.REVOKE})


class CreatesWhatItCannotEnd(HostedBackend):
    capabilities = Capabilities(frozenset({Capability.CREATE_SESSIONS}))


class ConcealsItsSignin(MemoryAuthBackend):
    capabilities = Capabilities(frozenset())


def _memory(backend: type[MemoryAuthBackend]) -> MemoryAuthBackend:
    clock = SettableClock()
    return backend(UserDirectory(MemoryKvStore(clock), clock), clock)


def test_parts_and_capabilities_that_fit_are_taken() -> None:
    check_capabilities(_memory(MemoryAuthBackend))
    check_capabilities(HostedBackend(_memory(MemoryAuthBackend)))


def test_parts_and_capabilities_that_do_not_fit_are_refused() -> None:
    with pytest.raises(CapabilityMismatchError, match="offers signin but has no interactive part"):
        check_capabilities(WithoutItsInteractivePart(_memory(MemoryAuthBackend)))
    with pytest.raises(CapabilityMismatchError, match="has an interactive part but does not offer callback"):
        check_capabilities(_memory(OffersHalfASignin))
    with pytest.raises(CapabilityMismatchError, match="does not offer callback and signin"):
        check_capabilities(_memory(ConcealsItsSignin))


def test_who_begins_sessions_has_to_end_them() -> None:
    with pytest.raises(
        CapabilityMismatchError, match="offers callback and create_sessions and signin"
    ) as told:
        check_capabilities(_memory(BeginsWhatItCannotEnd))
    assert "has to offer revoke too" in str(told.value)
    with pytest.raises(
        CapabilityMismatchError, match="offers create_sessions, so it has to offer revoke too"
    ):
        check_capabilities(CreatesWhatItCannotEnd(_memory(MemoryAuthBackend)))


def _install(monkeypatch: pytest.MonkeyPatch, **adapters: str) -> None:
    """Let exactly these adapters be installed."""
    points = {name: EntryPoint(name, value, backends.GROUP) for name, value in adapters.items()}

    monkeypatch.setattr(backends, "installed_backends", lambda: points)
