"""``netscript auth doctor``: each check finds the fault that is there, and nothing where all is well."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from netscript_auth_core.backends import BackendDefinition
from netscript_auth_core.checks import Check, CheckContext, Finding, Severity, clock_findings
from netscript_auth_core.memory import definition
from netscript_auth_core.memory.settings import MemoryBackendSettings
from netscript_kernel.clock import SettableClock, SystemClock
from netscript_kernel.keyring import generate_key
from netscript_kernel.kv.redis.condition import ask_condition
from netscript_kernel.kv.redis_address import read_redis_address
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth.doctor.examination import Examined, examine
from netscript_plugin_auth.doctor.installation import judge_openssl
from netscript_plugin_auth.doctor.report import as_document, in_words
from netscript_plugin_auth.doctor.store import file_system
from tests.support.dev_provider import CLIENT_ID, run_dev_provider
from tests.support.ports import unused_port
from tests.support.valkey import running_valkey

KEY, OTHER = generate_key(), generate_key()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A production configuration without fault, whose provider is not there."""
    return {
        "NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example",
        "NETSCRIPT_KV_URL": f"sqlite:///{tmp_path / 'auth.db'}",
        "NETSCRIPT_AUTH_KEYS": KEY,
        "NETSCRIPT_AUTH_TRUSTED_PROXIES": "127.0.0.1",
        "NETSCRIPT_AUTH_PROVIDER": "github",
        "NETSCRIPT_AUTH_CLIENT_ID": "an-id",
        "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret",
    }


async def keep_store(folder: Path) -> None:
    await (await open_sqlite_store(folder / "auth.db", SystemClock())).aclose()


def found(examined: Sequence[Examined], check: str) -> Sequence[tuple[Severity, str]]:
    (findings,) = [each.findings for each in examined if each.id == check]
    return [(each.severity, each.problem) for each in findings]


async def test_a_sound_configuration_has_notices_at_most(environment: dict[str, str], tmp_path: Path) -> None:
    await keep_store(tmp_path)

    examined = await examine(environment)

    told = [finding for each in examined for finding in each.findings]
    assert {each.severity for each in told} == {Severity.NOTICE}
    assert "nothing is wrong" in in_words(examined)
    assert json.loads(as_document(examined))["ok"] is True


async def test_every_fault_of_the_configuration_is_a_finding_without_its_value(
    environment: dict[str, str],
) -> None:
    environment |= {"NETSCRIPT_AUTH_KEYS": "a-short-secret", "NETSCRIPT_AUTH_TRUSTED_PROXIES": "0.0.0.0/0"}

    examined = await examine(environment)

    problems = " ".join(problem for _, problem in found(examined, "configuration"))
    assert "NETSCRIPT_AUTH_KEYS" in problems
    assert "NETSCRIPT_AUTH_TRUSTED_PROXIES" in problems
    assert "a-short-secret" not in as_document(examined) + in_words(examined)


async def test_what_is_to_be_registered_at_the_provider_is_told(environment: dict[str, str]) -> None:
    examined = await examine(environment)

    ((severity, problem),) = found(examined, "kv-oauth.github.redirect-uri")
    assert severity is Severity.NOTICE
    assert "https://auth.acme.example/api/v1/auth/callback" in problem


async def test_a_redirect_uri_that_is_no_callback_of_ours_is_found(environment: dict[str, str]) -> None:
    environment["NETSCRIPT_AUTH_REDIRECT_URI"] = "https://elsewhere.example/callback"

    examined = await examine(environment)

    assert [severity for severity, _ in found(examined, "kv-oauth.github.redirect-uri")] == [Severity.ERROR]


async def test_a_provider_that_is_away_is_found(environment: dict[str, str], free_port: int) -> None:
    environment = _at(environment, free_port)

    examined = await examine(environment)

    ((severity, problem),) = found(examined, "kv-oauth.oidc.discovery")
    assert severity is Severity.ERROR
    assert "nothing listens there" in problem


@pytest.mark.parametrize(
    ("variables", "severities"),
    [
        ({}, []),
        ({"TOKEN_AUDIENCES": "orders", "SERVICE_CREDENTIALS": f"orders:{OTHER}"}, []),
        ({"SERVICE_CREDENTIALS": f"orders:{OTHER}"}, [Severity.WARNING]),
        ({"TOKEN_AUDIENCES": "orders"}, [Severity.NOTICE]),
    ],
    ids=["neither", "both", "nothing to verify", "nobody listens"],
)
async def test_tokens_and_who_hears_of_their_end_belong_together(
    environment: dict[str, str], variables: dict[str, str], severities: list[Severity]
) -> None:
    environment |= {f"NETSCRIPT_AUTH_{name}": value for name, value in variables.items()}

    examined = await examine(environment)

    assert [severity for severity, _ in found(examined, "services.feed")] == severities
    assert OTHER not in as_document(examined)


@pytest.mark.slow
def test_a_whole_run_beside_the_development_provider_is_clean(tmp_path: Path) -> None:
    port, secret = unused_port(), "a-secret-of-the-tests"
    asyncio.run(keep_store(tmp_path))
    variables = {
        **_at({}, port),
        "NETSCRIPT_KV_URL": f"sqlite:///{tmp_path / 'auth.db'}",
        "NETSCRIPT_AUTH_KEYS": KEY,
        "NETSCRIPT_AUTH_CLIENT_ID": CLIENT_ID,
        "NETSCRIPT_AUTH_CLIENT_SECRET": secret,
        "PATH": os.environ["PATH"],
    }
    callback = "http://localhost:8094/api/v1/auth/callback"

    with run_dev_provider(tmp_path, port, callback, secret):
        done = subprocess.run(
            [sys.executable, "-m", "netscript_cli", "auth", "doctor", "--json"],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], done.stderr) == (0, True, "")
    assert {"kv-oauth.oidc.discovery", "kv-oauth.oidc.clock"} <= set(told["checks"])
    assert KEY not in done.stdout
    assert secret not in done.stdout


async def test_one_key_twice_is_found(environment: dict[str, str]) -> None:
    environment["NETSCRIPT_AUTH_KEYS"] = f"{KEY},{OTHER},{KEY}"

    examined = await examine(environment)

    assert found(examined, "keys.doubles") == [(Severity.WARNING, "NETSCRIPT_AUTH_KEYS has one key twice")]


@pytest.mark.parametrize(
    ("mode", "severities"),
    [
        (0o600, []),
        (0o400, []),
        (0o640, [Severity.NOTICE]),
        (0o660, [Severity.ERROR]),
        (0o644, [Severity.ERROR]),
        (0o602, [Severity.ERROR]),
    ],
)
async def test_a_file_of_keys_is_for_the_service_alone(
    environment: dict[str, str], tmp_path: Path, mode: int, severities: list[Severity]
) -> None:
    file = tmp_path / "keys"
    file.write_text(KEY)
    file.chmod(mode)
    del environment["NETSCRIPT_AUTH_KEYS"]
    environment["NETSCRIPT_AUTH_KEYS_FILE"] = str(file)

    examined = await examine(environment)

    assert [severity for severity, _ in found(examined, "keys.file")] == severities


async def test_looking_makes_no_store(environment: dict[str, str], tmp_path: Path) -> None:
    examined = await examine(environment)

    assert [severity for severity, _ in found(examined, "store.reachable")] == [Severity.NOTICE]
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's is not for coroutines


async def test_a_store_that_others_can_read_is_found(environment: dict[str, str], tmp_path: Path) -> None:
    await keep_store(tmp_path)
    (tmp_path / "auth.db").chmod(0o644)

    examined = await examine(environment)

    assert [severity for severity, _ in found(examined, "store.file")] == [Severity.ERROR]


async def test_a_store_that_is_away_is_found(environment: dict[str, str], free_port: int) -> None:
    environment["NETSCRIPT_KV_URL"] = f"redis://127.0.0.1:{free_port}/0"

    examined = await examine(environment)

    assert [severity for severity, _ in found(examined, "store.reachable")] == [Severity.ERROR]


async def test_a_redis_server_that_keeps_no_log_is_found(environment: dict[str, str], redis_url: str) -> None:
    environment["NETSCRIPT_KV_URL"] = redis_url

    examined = await examine(environment)

    assert any("append-only" in problem for _, problem in found(examined, "store.redis"))


async def test_a_redis_server_that_forgets_and_cannot_save_is_found(
    environment: dict[str, str], tmp_path: Path
) -> None:
    options = ("--maxmemory-policy", "allkeys-lru", "--appendonly", "yes", "--dbfilename", "taken")
    with running_valkey(tmp_path, *options) as server:
        # A snapshot cannot be written in the place of a folder.
        (tmp_path / "taken").mkdir()
        server.tell("BGSAVE")
        while server.tell("INFO", "persistence")["rdb_bgsave_in_progress"]:
            continue
        environment["NETSCRIPT_KV_URL"] = server.url

        examined = await examine(environment)

    told = found(examined, "store.redis")
    assert [severity for severity, _ in told] == [Severity.ERROR, Severity.ERROR]
    assert "maxmemory-policy is allkeys-lru" in told[0][1]
    assert "its last attempt to save" in told[1][1]


async def test_a_redis_server_says_what_time_it_is(redis_url: str) -> None:
    condition = await ask_condition(read_redis_address(redis_url))

    assert abs(condition.time - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_clock_far_from_that_of_redis_is_found(environment: dict[str, str], redis_url: str) -> None:
    environment["NETSCRIPT_KV_URL"] = redis_url

    examined = await examine(environment, clock=SettableClock(datetime(2020, 1, 1, tzinfo=UTC)))

    assert any("our clock is" in problem for _, problem in found(examined, "store.redis"))


@pytest.mark.parametrize(
    ("apart", "severities"),
    [(5, []), (30, [Severity.WARNING]), (-30, [Severity.WARNING]), (90, [Severity.ERROR])],
)
def test_clocks_may_differ_a_little(apart: int, severities: list[Severity]) -> None:
    ours = datetime(2026, 1, 1, tzinfo=UTC)

    findings = clock_findings("the provider", ours + timedelta(seconds=apart), ours)

    assert [each.severity for each in findings] == severities


def test_a_file_on_a_network_file_system_is_known_by_its_mount() -> None:
    mounts = "/dev/sda / ext4 rw 0 0\nserver:/x /var/lib/shared nfs4 rw 0 0\n"

    types = [file_system(Path(each), mounts) for each in ("/var/lib/shared/kv.db", "/var/lib/kv.db")]

    assert types == ["nfs4", "ext4"]


@pytest.mark.parametrize(
    ("check", "variables"),
    [
        ("proxies", {"NETSCRIPT_AUTH_TRUSTED_PROXIES": "8.8.0.0/16"}),
        ("cookies.reach", {"NETSCRIPT_AUTH_ALLOWED_ORIGINS": "https://app.other.example"}),
        ("store.kind", {"NETSCRIPT_KV_URL": "memory://"}),
        # An address that leads nowhere, and asks no name server.
        ("store.kind", {"NETSCRIPT_KV_URL": "redis://0.0.0.1"}),
        ("store.kind", {"NETSCRIPT_KV_URL": "sqlite:///below/the/folder.db"}),
        (
            "cookies.prefix",
            {
                "NETSCRIPT_PROFILE": "development",
                "NETSCRIPT_AUTH_PUBLIC_URL": "http://localhost:8094",
                "NETSCRIPT_AUTH_TRUSTED_PROXIES": "127.0.0.1",
            },
        ),
    ],
)
async def test_what_will_hurt_is_a_warning(
    environment: dict[str, str], check: str, variables: Mapping[str, str]
) -> None:
    examined = await examine({**environment, **variables})

    assert [severity for severity, _ in found(examined, check)] == [Severity.WARNING]


async def test_a_service_behind_a_proxy_that_it_does_not_trust_is_found(environment: dict[str, str]) -> None:
    del environment["NETSCRIPT_AUTH_TRUSTED_PROXIES"]

    examined = await examine(environment)

    assert [severity for severity, _ in found(examined, "proxies")] == [Severity.WARNING]


async def test_who_leaves_limits_to_the_proxy_need_not_trust_it(environment: dict[str, str]) -> None:
    del environment["NETSCRIPT_AUTH_TRUSTED_PROXIES"]
    environment["NETSCRIPT_AUTH_RATE_LIMIT"] = "off"

    examined = await examine(environment)

    assert found(examined, "proxies") == []


async def test_the_package_of_a_stranger_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = tmp_path / "netscript-9.9.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: netscript\nVersion: 9.9\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    examined = await examine({})

    assert [severity for severity, _ in found(examined, "installation.stranger")] == [Severity.ERROR]


def test_a_tls_library_without_fixes_is_found() -> None:
    assert [each.severity for each in judge_openssl((1, 1))] == [Severity.WARNING]


async def test_a_service_that_does_not_run_is_found(environment: dict[str, str], free_port: int) -> None:
    examined = await examine(environment, live=f"http://127.0.0.1:{free_port}")

    checks = ("live.health", "live.describe")
    assert [found(examined, each)[0][0] for each in checks] == [Severity.ERROR, Severity.ERROR]


async def _hang() -> Sequence[Finding]:
    await asyncio.Event().wait()
    raise AssertionError


async def _break() -> Sequence[Finding]:
    raise RuntimeError("with a secret in it")


def _odd_checks(_: MemoryBackendSettings, __: CheckContext) -> Sequence[Check]:
    return (Check("odd.hangs", _hang), Check("odd.breaks", _break))


async def test_a_check_of_an_adapter_may_hang_or_break_and_says_so_without_its_words(
    environment: dict[str, str],
) -> None:
    odd = BackendDefinition(settings=MemoryBackendSettings, open=definition.open, checks=_odd_checks)
    told = {
        name: value for name, value in environment.items() if "CLIENT" not in name and "PROVIDER" not in name
    }

    examined = await examine(
        {**told, "NETSCRIPT_AUTH_BACKEND": "odd"}, definitions={"odd": odd}, limit=timedelta(milliseconds=50)
    )

    assert "in time" in found(examined, "odd.hangs")[0][1]
    assert found(examined, "odd.breaks") == [(Severity.ERROR, "the check could not be made (RuntimeError)")]


def _refuse_to_name_checks(_: MemoryBackendSettings, __: CheckContext) -> Sequence[Check]:
    raise RuntimeError("with a secret in it")


async def test_an_adapter_that_breaks_before_its_checks_is_found_and_all_else_is_looked_at(
    environment: dict[str, str],
) -> None:
    odd = BackendDefinition(
        settings=MemoryBackendSettings, open=definition.open, checks=_refuse_to_name_checks
    )
    told = {
        name: value for name, value in environment.items() if "CLIENT" not in name and "PROVIDER" not in name
    }

    examined = await examine({**told, "NETSCRIPT_AUTH_BACKEND": "odd"}, definitions={"odd": odd})

    problem = "the check could not be made (RuntimeError)"
    assert found(examined, "backend.checks") == [(Severity.ERROR, problem)]
    assert found(examined, "keys.doubles") == []


def _at(environment: Mapping[str, str], port: int) -> dict[str, str]:
    """Return a development configuration whose provider is at a port of this machine."""
    kept = {name: value for name, value in environment.items() if name != "NETSCRIPT_AUTH_PROVIDER"}
    return {
        **kept,
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_AUTH_PUBLIC_URL": "http://localhost:8094",
        "NETSCRIPT_AUTH_ISSUER": f"http://localhost:{port}",
    }
