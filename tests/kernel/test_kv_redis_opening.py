"""Opening a RedisKvStore: who is let in, what is refused with which words, and what is only warned of."""

import logging
import re
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import IndexEntry, Put
from netscript_kernel.kv.redis import RedisKvStore, open_redis_store
from netscript_kernel.kv.redis_address import read_redis_address
from tests.support.certificates import Certificates, make_certificates
from tests.support.ports import unused_port
from tests.support.pretend_redis import greeting, pretending, usual
from tests.support.relay import relaying
from tests.support.valkey import Valkey, running_valkey
from workspace import ROOT

PASSWORD = "p@ss/word %é"
IN_URL = "p%40ss%2Fword%20%25%C3%A9"
_COMMAND = re.compile(r"ACL SETUSER acme on >PASSWORD ~\{netscript\}:\* ((?:\+[a-z]+ ?)+)\n")


def _documented_rights() -> list[str]:
    match = _COMMAND.search((ROOT / "kernel" / "README.md").read_text())
    assert match is not None
    return match[1].split()


RIGHTS = _documented_rights()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """Lets in anybody, acme by password, and limited, who may do what the store needs on its keys alone."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        server.tell("ACL", "SETUSER", "acme", "on", f">{PASSWORD}", "~*", "&*", "+@all")
        limited = ["reset", "on", ">limited", "~{netscript}:*", *RIGHTS]
        server.tell("ACL", "SETUSER", "limited", *limited)
        yield server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


async def _open(url: str) -> RedisKvStore:
    return await open_redis_store(read_redis_address(url), SystemClock())


async def _refusal(url: str) -> str:
    with pytest.raises(StoreUnavailableError) as caught:
        await _open(url)
    told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "hunter2" not in told
    assert url not in told
    return str(caught.value)


async def _use(store: RedisKvStore) -> None:
    place = [IndexEntry("owner", 1)]
    assert await store.commit(puts=[Put("key", b"value", index=place), Put("gone", b"")]) is not None
    assert await store.commit(deletes=["gone"]) is not None
    assert await store.get("key") is not None
    assert len(await store.list_owned("owner")) == 1
    assert list(await store.list_owned("owner", after="key")) == []
    assert await store.take("key") is not None
    await store.sweep()
    await store.check_health()
    await store.aclose()


async def test_a_user_comes_in_with_a_password_of_any_characters(server: Valkey) -> None:
    await _use(await _open(f"redis://acme:{IN_URL}@127.0.0.1:{server.port}/3"))


async def test_a_password_alone_is_that_of_the_default_user(tmp_path: Path) -> None:
    with running_valkey(tmp_path, "--requirepass", "hunter2") as server:
        await _use(await _open(f"redis://:hunter2@127.0.0.1:{server.port}"))

        assert "it wants a password; put one into the URL" in await _refusal(server.url)
        assert "does not accept this user" in await _refusal(f"redis://:hunter22@127.0.0.1:{server.port}")


async def test_a_wrong_password_is_told_as_such(server: Valkey) -> None:
    told = await _refusal(f"redis://acme:hunter2@127.0.0.1:{server.port}")

    assert "does not accept this user and password" in told


async def test_a_user_needs_no_more_rights_than_the_documented_ones(server: Valkey) -> None:
    server.tell("SCRIPT", "FLUSH")

    await _use(await _open(f"redis://limited:limited@127.0.0.1:{server.port}/1"))


@pytest.mark.parametrize("right", [right for right in RIGHTS if right != "+info"])
async def test_a_user_without_one_of_these_rights_is_told_at_the_start(server: Valkey, right: str) -> None:
    less = [other for other in RIGHTS if other != right]
    server.tell("ACL", "SETUSER", "less", "reset", "on", ">less", "~{netscript}:*", *less)
    server.tell("SCRIPT", "FLUSH")

    told = await _refusal(f"redis://less:less@127.0.0.1:{server.port}/1")

    assert "its access rules deny this user" in told


async def test_a_prefix_that_the_user_may_not_write_is_told_at_the_start(server: Valkey) -> None:
    told = await _refusal(f"redis://limited:limited@127.0.0.1:{server.port}?prefix=other")

    assert "its access rules deny this user" in told


async def test_a_server_that_tells_nothing_of_its_memory_is_no_fault(
    server: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    rights = ["reset", "on", ">uninformed", "~*", "+@all", "-info"]
    server.tell("ACL", "SETUSER", "uninformed", *rights)

    with caplog.at_level(logging.WARNING):
        store = await _open(f"redis://uninformed:uninformed@127.0.0.1:{server.port}")

    assert caplog.records == []
    await store.aclose()


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
async def test_a_server_that_may_forget_valid_records_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, policy: str
) -> None:
    with running_valkey(tmp_path, "--maxmemory-policy", policy) as server, caplog.at_level(logging.WARNING):
        store = await _open(server.url)

        (record,) = caplog.records
        assert f"its maxmemory-policy is {policy}; set it to noeviction" in record.getMessage()
        await store.aclose()


@pytest.mark.parametrize("policy", ["noeviction", "volatile-lru", "volatile-ttl"])
async def test_a_server_that_forgets_only_what_has_an_end_by_its_clock_is_fine(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, policy: str
) -> None:
    with running_valkey(tmp_path, "--maxmemory-policy", policy) as server, caplog.at_level(logging.WARNING):
        store = await _open(server.url)

        assert caplog.records == []
        await store.aclose()


async def test_a_server_of_a_cluster_is_refused(tmp_path: Path) -> None:
    # Left alone, the bus of the cluster is 10000 above the port, which may be beyond the last one.
    bus = str(unused_port())
    with running_valkey(tmp_path, "--cluster-enabled", "yes", "--cluster-port", bus) as server:
        assert "part of a Redis Cluster" in await _refusal(server.url)


async def test_a_replica_is_refused(tmp_path: Path) -> None:
    with running_valkey(tmp_path, "--replicaof", f"127.0.0.1 {unused_port()}") as server:
        assert "it is a replica, which takes no writes; name the primary" in await _refusal(server.url)


async def test_a_database_that_the_server_does_not_have_is_told(server: Valkey) -> None:
    assert "no database of this number" in await _refusal(f"redis://127.0.0.1:{server.port}/99999")


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        ({"version": "6.2.14"}, "of version 6.2.14; Redis 7.0 or newer, or Valkey, is needed"),
        ({"version": "unknown"}, "of version unknown; Redis 7.0 or newer"),
        ({"mode": "sentinel"}, "it is a Sentinel, which keeps no data"),
        ({"mode": "cluster"}, "part of a Redis Cluster"),
        ({"role": "replica"}, "it is a replica"),
    ],
)
async def test_a_server_that_cannot_keep_the_promises_is_refused(
    differences: dict[str, str], words: str
) -> None:
    async with pretending() as server:
        server.answer = lambda command: greeting(**differences) if command[0] == b"HELLO" else usual(command)

        assert words in await _refusal(f"redis://127.0.0.1:{server.port}")


async def test_a_server_that_knows_no_hello_is_told_as_too_old_without_its_words() -> None:
    reply = b"-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `hunter2`\r\n"
    async with pretending() as server:
        server.answer = lambda _: reply

        assert "it is too old; Redis 7.0" in await _refusal(f"redis://:hunter2@127.0.0.1:{server.port}")


async def test_what_is_no_redis_server_is_told_as_such() -> None:
    async with pretending() as server:
        server.answer = lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"

        assert "it answered something else than was asked" in await _refusal(
            f"redis://127.0.0.1:{server.port}"
        )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://127.0.0.1:{port}", "127.0.0.1:{port}: nothing listens there"),
        ("redis://localhost:{port}", "localhost:{port}: nothing listens there"),
        ("redis://no-such-host.invalid", "no-such-host.invalid:6379: its name is not known"),
        ("redis://" + "a" * 70, "its name is not known"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_named_with_the_cause(url: str, words: str) -> None:
    port = unused_port()

    assert words.format(port=port) in await _refusal(url.format(port=port))


@contextmanager
def _encrypted(server: Valkey, certificates: Certificates) -> Generator[int]:
    """A port that speaks TLS, in front of a server that does not."""
    with relaying(certificates) as relay:
        relay.target = server.port
        yield relay.port


@pytest.fixture
def _trusting(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))


@pytest.mark.usefixtures("_trusting")
async def test_everything_goes_by_tls_where_the_url_says_so(
    server: Valkey, certificates: Certificates
) -> None:
    with _encrypted(server, certificates) as port:
        await _use(await _open(f"rediss://acme:{IN_URL}@localhost:{port}"))


async def test_a_server_without_tls_is_told_as_such(server: Valkey) -> None:
    address = read_redis_address(f"rediss://acme:hunter2@localhost:{server.port}")

    with pytest.raises(StoreUnavailableError, match="in time; one that does not speak TLS wants redis://"):
        await open_redis_store(address, SystemClock(), connect_limit=timedelta(milliseconds=50))


async def test_a_server_that_wants_tls_is_told_as_such(server: Valkey, certificates: Certificates) -> None:
    with _encrypted(server, certificates) as port:
        told = await _refusal(f"redis://acme:hunter2@localhost:{port}")

    assert "one that speaks TLS wants rediss://" in told


async def test_a_certificate_of_an_unknown_authority_is_refused(
    server: Valkey, certificates: Certificates
) -> None:
    with _encrypted(server, certificates) as port:
        told = await _refusal(f"rediss://acme:hunter2@localhost:{port}")

    assert "its certificate is not trusted; SSL_CERT_FILE may name your authority" in told


@pytest.mark.usefixtures("_trusting")
async def test_a_certificate_for_another_name_is_refused(
    server: Valkey, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def find_on_loopback(_: object, port: int, *others: Any, **more: Any) -> Any:
        return look_up("127.0.0.1", port, *others, **more)

    monkeypatch.setattr(socket, "getaddrinfo", find_on_loopback)
    with _encrypted(server, certificates) as port:
        told = await _refusal(f"rediss://acme:hunter2@redis.acme.example:{port}")

    assert "its certificate is for another name than the one in the URL" in told
