"""The service from its environment: opened when it starts, closed when it stops, mounted at a root."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import Message

from netscript_auth_core.backends import AnyDefinition, BackendContext, BackendDefinition
from netscript_auth_core.errors import BackendUnavailableError, CapabilityMismatchError
from netscript_auth_core.memory import MemoryAuthBackend, MemoryBackendSettings, definition
from netscript_auth_core.ports import AuthBackendPort
from netscript_auth_core.testing.store_outage import InterruptibleKvStore
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import ConfigurationError, StoreUnavailableError
from netscript_kernel.keyring import generate_key
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import KvStorePort, Put
from netscript_plugin_auth import opening as opening_of_parts
from netscript_plugin_auth import service
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.service import AuthApp, create_auth_app, open_auth_service
from netscript_plugin_auth.sweeper import sweep_once, sweeping
from tests.support.auth_api import PREFIX, PUBLIC_URL, AuthApi, client_of

DEFINITIONS: dict[str, AnyDefinition] = {"memory": definition}


def development(folder: Path, **more: str) -> dict[str, str]:
    return {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_DATA_DIR": str(folder),
        "NETSCRIPT_AUTH_BACKEND": "memory",
        **more,
    }


def names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


@asynccontextmanager
async def client_at(app: AuthApp) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost:8094"
    ) as client:
        yield client


async def test_the_service_answers_from_its_start_to_its_stop(tmp_path: Path) -> None:
    app = create_auth_app(development(tmp_path), definitions=DEFINITIONS)
    async with client_at(app) as client:
        before = await client.get(f"{PREFIX}/session")
        await app.start()
        during = await client.get(f"{PREFIX}/session")
        health = await client.get("/health")
        await app.stop()
        after = await client.get(f"{PREFIX}/session")

    assert [answer.status_code for answer in (before, during, after)] == [503, 200, 503]
    assert {check["name"] for check in health.json()["checks"]} == {"store", "backend"}
    assert {"auth-keys", "kv.db"} <= names_in(tmp_path)


async def test_a_sign_in_begun_at_another_name_of_the_desk_begins_where_its_callback_will_be(
    tmp_path: Path,
) -> None:
    app = create_auth_app(development(tmp_path), definitions=DEFINITIONS)
    await app.start()
    async with client_at(app) as client:
        moved = await client.get(f"{PREFIX}/signin?redirectTo=%2Faccount", headers={"host": "127.0.0.1:8094"})
        begun = await client.get(moved.headers["location"])
    await app.stop()

    assert moved.status_code == 302
    assert moved.headers["location"] == f"http://localhost:8094{PREFIX}/signin?redirectTo=%2Faccount"
    assert "set-cookie" not in moved.headers
    assert begun.headers["location"].startswith("https://provider.invalid/")


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("http://localhost:5173", "127.0.0.1:8094"),  # a proxy for development that writes the host anew
        ("http://localhost:5173", "localhost:8094"),
        ("http://localhost:8094", "auth.acme.example:8094"),
        ("http://localhost:8094", "LOCALHOST:8094"),
        ("http://localhost:8094", "not a host"),
    ],
)
async def test_a_host_that_is_not_the_same_service_to_a_person_is_left_alone(
    tmp_path: Path, public_url: str, host: str
) -> None:
    hosts = "127.0.0.1:8094,localhost:8094,auth.acme.example:8094"
    more = {"NETSCRIPT_AUTH_PUBLIC_URL": public_url, "NETSCRIPT_AUTH_ALLOWED_HOSTS": hosts}
    app = create_auth_app(development(tmp_path, **more), definitions=DEFINITIONS)
    await app.start()
    async with client_at(app) as client:
        answer = await client.get(f"{PREFIX}/signin", headers={"host": host})
    await app.stop()

    assert not answer.headers.get("location", "").startswith(public_url)


@pytest.mark.parametrize("host", ["127.0.0.1:8094", "[::1]:8094"])
async def test_a_sign_in_at_another_loopback_name_moves_once(tmp_path: Path, host: str) -> None:
    more = {"NETSCRIPT_AUTH_ALLOWED_HOSTS": host}
    app = create_auth_app(development(tmp_path, **more), definitions=DEFINITIONS)
    await app.start()
    async with client_at(app) as client:
        moved = await client.get(f"{PREFIX}/signin", headers={"host": host})
    await app.stop()

    assert moved.headers["location"] == f"http://localhost:8094{PREFIX}/signin"


async def test_stopping_what_never_started_or_stopped_already_is_no_fault(tmp_path: Path) -> None:
    app = create_auth_app(development(tmp_path), definitions=DEFINITIONS)

    await app.stop()
    await app.start()
    await app.stop()
    await app.stop()

    assert "kv.db" in names_in(tmp_path)


async def live(app: AuthApp) -> list[Message]:
    """Run the lifespan of an application from start to stop."""
    sent: list[Message] = []
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(asked)

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    return sent


async def test_a_server_starts_and_stops_it_by_its_lifespan(tmp_path: Path) -> None:
    sent = await live(create_auth_app(development(tmp_path), definitions=DEFINITIONS))

    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_what_only_shows_at_the_start_is_told_to_the_server(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    sent = await live(create_auth_app(development(tmp_path / "file" / "data"), definitions=DEFINITIONS))

    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert sent[0]["message"].startswith("NETSCRIPT_DATA_DIR: cannot hold the development key")


async def test_a_server_that_is_told_the_error_itself_gets_no_second_telling_of_it(tmp_path: Path) -> None:
    app = create_auth_app(
        development(tmp_path, NETSCRIPT_KV_URL=f"sqlite:///{tmp_path}"), definitions=DEFINITIONS
    )
    told: list[Exception | None] = []
    app.when_start_ends(told.append)

    sent = await live(app)

    assert [message["message"] for message in sent] == ["auth-api did not start; standard error says why"]
    assert [type(error) for error in told] == [StoreUnavailableError]


class FailingBackend(MemoryAuthBackend):
    """Does not get ready."""

    closed = 0

    async def start(self) -> None:
        raise LookupError("secret detail")

    async def aclose(self) -> None:
        FailingBackend.closed += 1


def opening(backend_type: type[MemoryAuthBackend], **parts: Any) -> Mapping[str, AnyDefinition]:
    async def open_it(settings: MemoryBackendSettings, context: BackendContext) -> AuthBackendPort:
        backend = backend_type(context.users, context.clock, settings=settings)
        vars(backend).update(parts)
        return backend

    return {"memory": BackendDefinition(settings=MemoryBackendSettings, open=open_it)}


async def test_any_other_failure_to_start_is_told_without_its_details(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sent = await live(create_auth_app(development(tmp_path), definitions=opening(FailingBackend)))

    assert sent == [{"type": "lifespan.startup.failed", "message": "auth-api did not start"}]
    assert "LookupError" in caplog.text
    assert FailingBackend.closed == 1


async def test_a_backend_that_is_not_what_it_declares_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CapabilityMismatchError, match="but has no interactive part"):
        await open_auth_service(
            development(tmp_path), definitions=opening(MemoryAuthBackend, interactive=None)
        )


async def test_what_was_opened_is_closed_when_the_service_cannot_be_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    stores: list[KvStorePort] = []

    class Closing(MemoryAuthBackend):
        async def aclose(self) -> None:
            closed.append("backend")

    class ClosingStore(MemoryKvStore):
        async def aclose(self) -> None:
            closed.append("store")

    async def open_it(*_: object, **__: object) -> KvStorePort:
        stores.append(ClosingStore(SettableClock()))
        return stores[-1]

    def fail(*_: object, **__: object) -> NoReturn:
        raise LookupError("no such part")

    monkeypatch.setattr(opening_of_parts, "open_store", open_it)
    with pytest.raises(CapabilityMismatchError):
        await open_auth_service(development(tmp_path), definitions=opening(Closing, interactive=None))
    monkeypatch.setattr(service, "create_auth_service", fail)
    with pytest.raises(LookupError):
        await open_auth_service(development(tmp_path), definitions=opening(Closing))

    assert len(stores) == 2
    assert closed == ["backend", "store"] * 2


async def test_the_store_is_closed_whatever_fails_between_its_opening_and_the_backends_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    class Stuck(MemoryAuthBackend):
        async def aclose(self) -> None:
            raise LookupError("cannot close")

    class ClosingStore(MemoryKvStore):
        async def aclose(self) -> None:
            closed.append("store")

    async def open_it(*_: object, **__: object) -> KvStorePort:
        return ClosingStore(SettableClock())

    def fail(*_: object, **__: object) -> NoReturn:
        raise LookupError("no directory")

    monkeypatch.setattr(opening_of_parts, "open_store", open_it)
    configuration = read_configuration(development(tmp_path), opening(Stuck))
    opened = await opening_of_parts.open_parts(configuration)
    with pytest.raises(LookupError, match="cannot close"):
        await opened.aclose()
    monkeypatch.setattr(opening_of_parts, "UserDirectory", fail)
    with pytest.raises(LookupError, match="no directory"):
        await opening_of_parts.open_parts(configuration)

    assert closed == ["store"] * 2


@pytest.mark.parametrize(
    ("url", "warned_of"),
    [
        ("redis://:pa55word@10.0.0.7", ["names a Redis server on another machine without TLS"]),
        ("rediss://:pa55word@10.0.0.7", []),
        ("redis://:pa55word@127.0.0.1", []),
        ("memory://", ["names a store in memory"]),
        ("sqlite:///state/kv.db", ["names a file below the working directory"]),
        ("sqlite:////var/lib/netscript/kv.db", []),
    ],
)
async def test_production_is_warned_of_a_store_that_is_less_than_it_should_be(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, url: str, warned_of: list[str]
) -> None:
    async def open_it(*_: object, **__: object) -> KvStorePort:
        return MemoryKvStore(SettableClock())

    monkeypatch.setattr("netscript_plugin_auth.opening.open_store", open_it)
    environment = {
        "NETSCRIPT_KV_URL": url,
        "NETSCRIPT_AUTH_BACKEND": "memory",
        "NETSCRIPT_AUTH_PUBLIC_URL": PUBLIC_URL,
        "NETSCRIPT_AUTH_KEYS": generate_key(),
    }

    opened = await open_auth_service(environment, definitions=opening(MemoryAuthBackend))

    told = [record.getMessage() for record in caplog.records if record.name == "netscript.auth"]
    assert [words in line for words, line in zip(warned_of, told, strict=True)] == [True] * len(warned_of)
    assert "pa55word" not in caplog.text
    await opened.stop()


@pytest.mark.parametrize(
    ("variables", "is_warned"),
    [
        ({"NETSCRIPT_AUTH_SERVICE_CREDENTIALS": f"orders:{'s' * 43}"}, True),
        (
            {
                "NETSCRIPT_AUTH_SERVICE_CREDENTIALS": f"orders:{'s' * 43}",
                "NETSCRIPT_AUTH_TOKEN_AUDIENCES": "orders",
            },
            False,
        ),
        ({"NETSCRIPT_AUTH_TOKEN_AUDIENCES": "orders"}, False),
    ],
    ids=["listeners without tokens", "both", "tokens without listeners"],
)
async def test_a_start_warns_of_services_that_listen_and_can_take_no_token(
    variables: dict[str, str], is_warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_KV_URL": "memory://",
        "NETSCRIPT_AUTH_BACKEND": "memory",
        "NETSCRIPT_AUTH_KEYS": generate_key(),
        **variables,
    }

    opened = await open_auth_service(environment, definitions=opening(MemoryAuthBackend))

    told = [record.getMessage() for record in caplog.records if record.name == "netscript.auth"]
    assert [("NETSCRIPT_AUTH_TOKEN_AUDIENCES" in line) for line in told] == [True] * is_warned
    assert "sss" not in caplog.text
    await opened.stop()


async def test_a_faulty_configuration_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        create_auth_app(development(tmp_path / "data", PORT="x"), definitions=DEFINITIONS)

    assert names_in(tmp_path) == set()


async def test_pages_and_api_work_as_the_last_mount_at_the_root_of_another_application(
    tmp_path: Path,
) -> None:
    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    auth = create_auth_app(development(tmp_path), definitions=DEFINITIONS)
    outer = Starlette(routes=[Route("/hello", hello), Mount("/", auth)])
    await auth.start()
    transport = httpx.ASGITransport(outer)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8094") as client:
        paths = ("/hello", "/signed-out", f"{PREFIX}/session", f"{PREFIX}/providers", "/health")
        answers = [await client.get(path) for path in paths]
        styles = re.findall(r'href="([^"]+[.]css[^"]*)"', answers[1].text)
        styled = [await client.get(style) for style in styles]
        begun = await client.get(f"{PREFIX}/signin")
    await auth.stop()

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert [answer.status_code for answer in styled] == [200] * len(styles) != []
    assert begun.headers["location"].startswith("https://provider.invalid/")


async def test_sessions_are_checked_below_a_prefix_too(api: AuthApi) -> None:
    async with client_of(api.service, {}) as client:
        mounted = httpx.ASGITransport(api.service.app, root_path="/auth")
        async with httpx.AsyncClient(transport=mounted, base_url=client.base_url) as below:
            answer = await below.get(f"/auth{PREFIX}/session")

    assert answer.json() == {"authenticated": False, "reason": "no_session"}


async def test_what_the_service_can_do_is_described(api: AuthApi) -> None:
    async with api.program() as program:
        described = (await program.get(f"{PREFIX}/describe")).json()
        offered = (await program.get(f"{PREFIX}/providers")).json()

    assert described["pluginName"] == "auth"
    assert described["contractVersions"] == ["v1"]
    assert described["routeGroups"] == [
        *("signin", "session", "verify", "sessions", "backchannel-logout", "pages")
    ]
    assert described["backend"] == {"name": "memory", "revocationLagSeconds": 0.0, "unsupported": []}
    assert set(described["capabilities"]) >= {"signin", "callback", "revoke"}
    assert [provider["id"] for provider in offered["providers"]] == ["pretend"]


async def test_every_operation_is_documented(api: AuthApi) -> None:
    async with api.program() as program:
        document = (await program.get("/api/openapi.json")).json()

    assert f"{PREFIX}/callback/{{providerId}}" in document["paths"]
    assert document["info"]["title"] == "auth-api"


async def test_the_service_sweeps_its_store_from_the_start_on() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    await store.commit(puts=[Put("a", b"1", clock.now() + timedelta(seconds=1))])
    clock.advance(timedelta(seconds=2))

    async with sweeping(store, None):
        await anyio.wait_all_tasks_blocked()

    assert await store.sweep() == 0


async def test_a_store_that_is_away_does_not_end_the_sweeping(caplog: pytest.LogCaptureFixture) -> None:
    store = InterruptibleKvStore(MemoryKvStore(SettableClock()))

    async with store.outage():
        await sweep_once(store)

    assert "could not sweep the memory store: store_unavailable" in caplog.text


async def test_the_service_lets_its_backend_do_its_upkeep_from_the_start_on() -> None:
    rounds: list[str] = []

    class Upkeep:
        async def run(self) -> None:
            rounds.append("done")

    async with sweeping(MemoryKvStore(SettableClock()), Upkeep()):
        await anyio.wait_all_tasks_blocked()

    assert rounds == ["done"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BackendUnavailableError("memory", "away"), "is put off: backend_unavailable"),
        (RuntimeError("unforeseen"), "the upkeep of the backend failed"),
    ],
)
async def test_an_upkeep_that_fails_is_tried_again(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    enough = anyio.Event()

    class Upkeep:
        rounds = 0

        async def run(self) -> None:
            self.rounds += 1
            if self.rounds == 2:
                enough.set()
            raise error

    async with sweeping(MemoryKvStore(SettableClock()), Upkeep(), every=timedelta(0)):
        with anyio.fail_after(60):
            await enough.wait()

    assert told in caplog.text


async def test_a_large_sweep_lets_everybody_else_have_a_turn_between_its_pieces() -> None:
    clock = SettableClock()
    store, turns = MemoryKvStore(clock), 0
    await store.commit(puts=[Put(f"{n}", b"", clock.now()) for n in range(20_000)])
    sweep = asyncio.create_task(sweep_once(store))
    while not sweep.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns >= 20
    assert await store.sweep() == 0


async def test_an_unforeseen_fault_does_not_end_the_sweeping(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rounds = anyio.Event()

    class Broken(MemoryKvStore):
        swept = 0

        async def sweep(self, *, limit: int = 1) -> int:
            Broken.swept += 1
            if Broken.swept == 2:
                rounds.set()
            raise LookupError("not foreseen")

    with anyio.fail_after(60):
        async with sweeping(Broken(SettableClock()), None, every=timedelta(0)):
            await rounds.wait()

    assert "could not sweep the memory store" in caplog.text
    assert "not foreseen" in caplog.text
