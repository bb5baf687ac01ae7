"""Events in the store: kept for a while, within bounds, and explained by the id of their request."""

import asyncio
import json
import logging
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from netscript_auth_core.events import AuthEvent, EventName, LogEventSink
from netscript_auth_core.reasons import DenialReason, FlowReason
from netscript_auth_core.testing.store_outage import InterruptibleKvStore
from netscript_kernel.clock import Clock, SettableClock, SystemClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth.audit.explanations import EXPLANATIONS
from netscript_plugin_auth.audit.kept_events import KeptEvent, events_of
from netscript_plugin_auth.audit.store_sink import StoreEventSink
from netscript_plugin_auth.commands import beside
from netscript_plugin_auth.commands import explain as command
from netscript_plugin_auth.commands.event_texts import duration_words
from netscript_plugin_auth.service import open_auth_service
from tests.support.auth_api import NAVIGATING, PREFIX, client_of
from tests.support.valkey import OpenRedis

KEEP = timedelta(days=3)
REQUEST = "request-0001"


def _event(clock: Clock, name: EventName = EventName.SESSION_REVOKED, request: str = REQUEST) -> AuthEvent:
    return AuthEvent(name, clock.now(), "memory", reason="signout", request_id=request)


async def test_an_event_is_found_by_its_request_until_its_time_is_over() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    sink = StoreEventSink(store, clock, KEEP)
    sink.emit(_event(clock))
    await sink.aclose()

    (found,) = await events_of(store, REQUEST)

    assert (found.name, found.reason, found.at) == ("auth.session.revoked", "signout", clock.now())
    assert await events_of(store, "another-request") == []
    clock.advance(KEEP)
    assert await events_of(store, REQUEST) == []


async def test_a_store_that_is_away_fails_nobody_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    clock = SettableClock()
    store = InterruptibleKvStore(MemoryKvStore(clock))
    sink = StoreEventSink(store, clock, KEEP)

    async with store.outage():
        sink.emit(_event(clock))
        await sink.aclose()

    assert [each.getMessage() for each in caplog.records] == [
        "could not keep events: store_unavailable",
        "events that are in the log alone: 1",
    ]


@pytest.mark.parametrize(
    ("flooding", "other"),
    [
        (EventName.SIGNIN_FAILED, EventName.SESSION_REVOKED),
        (EventName.TOKEN_REFRESHED, EventName.SIGNIN_FAILED),
        (EventName.TOKEN_ISSUED, EventName.SIGNIN_FAILED),
        (EventName.LOGOUT_REFUSED, EventName.SIGNIN_FAILED),
    ],
)
async def test_a_flood_of_one_kind_of_events_is_cut_and_takes_nothing_from_another(
    caplog: pytest.LogCaptureFixture, flooding: EventName, other: EventName
) -> None:
    caplog.set_level(logging.WARNING)
    clock = SettableClock()
    store = MemoryKvStore(clock)
    sink = StoreEventSink(store, clock, KEEP)
    for _ in range(3):  # in pieces, since only so many may wait
        for number in range(1500):
            sink.emit(_event(clock, flooding, f"flood-{number:05}"))
        await sink.aclose()

    sink.emit(_event(clock, other))
    await sink.aclose()

    assert len(await events_of(store, REQUEST)) == 1
    assert "events that are in the log alone: 900" in caplog.text


async def test_more_than_may_wait_is_counted_and_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    clock = SettableClock()
    sink = StoreEventSink(MemoryKvStore(clock), clock, KEEP)

    for _ in range(2010):
        sink.emit(_event(clock))
    await sink.aclose()

    assert "events that are in the log alone: 10" in caplog.text


def test_what_is_kept_and_logged_is_all_of_an_event_but_whom_it_is_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    every = {each.name: f"{each.name}-x" for each in fields(AuthEvent)}
    facts: dict[str, Any] = {**every, "name": EventName.SIGNIN_FAILED, "at": SettableClock().now()}

    with caplog.at_level(logging.INFO, logger=LogEventSink.logger.name):
        LogEventSink().emit(AuthEvent(**facts))

    names = every.keys() - {"user_id", "handle"}
    assert KeptEvent.model_fields.keys() == names
    assert names - {"name"} == names & vars(caplog.records[0]).keys() - {"name"}
    assert {"user_id", "handle"} & vars(caplog.records[0]).keys() == set()


@pytest.mark.parametrize("reason", [*FlowReason, *DenialReason])
def test_every_reason_of_a_refusal_is_explained(reason: str) -> None:
    assert reason in EXPLANATIONS


def test_explain_tells_beside_the_service_why_a_request_was_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {
        "NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example",
        "NETSCRIPT_KV_URL": f"sqlite:///{tmp_path / 'auth.db'}",
        "NETSCRIPT_AUTH_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "NETSCRIPT_AUTH_PROVIDER": "github",
        "NETSCRIPT_AUTH_CLIENT_ID": "client",
        "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret",
    }
    monkeypatch.setattr(beside, "process_environment", lambda: environment)

    async def be_refused() -> httpx.Response:
        service = await open_auth_service(environment)
        await service.start()
        async with client_of(service, NAVIGATING) as browser:
            answer = await browser.get(f"{PREFIX}/signin?redirectTo=https://evil.example/%1b[2J")
        await service.stop()
        return answer

    answer = asyncio.run(be_refused())
    request_id = answer.headers["x-request-id"]

    assert request_id in answer.text
    assert command.explain(request_id, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["requestId"] == request_id
    assert [(each["name"], each["reason"]) for each in told["events"]] == [
        ("auth.signin.failed", "redirect_not_allowed")
    ]
    assert command.explain(request_id, as_json=False) == 0
    words = capsys.readouterr().out
    assert "redirect_not_allowed: the destination is none that people may be sent to." in words
    assert "NETSCRIPT_AUTH_ALLOWED_RETURN_TO" in words
    assert "\x1b" not in words
    assert command.explain("never-heard-of", as_json=False) == 1
    nothing = capsys.readouterr().err
    assert "Look for the id in the log" in nothing
    assert "Events are kept for 3 days, and none" in nothing


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=1, hours=12), "1 day and 12 hours"),
        (timedelta(minutes=61, seconds=1), "1 hour and 1 minute and 1 second"),
        (timedelta(0), "no time"),
    ],
)
def test_how_long_something_lasts_is_said_in_words(duration: timedelta, words: str) -> None:
    assert duration_words(duration) == words


async def test_events_are_kept_in_a_store_that_processes_share(tmp_path: Path) -> None:
    clock = SystemClock()
    store = await open_sqlite_store(tmp_path / "kv.db", clock)
    sink = StoreEventSink(store, clock, KEEP)
    sink.emit(_event(clock))
    await sink.aclose()
    other = await open_sqlite_store(tmp_path / "kv.db", clock)

    found = await events_of(other, REQUEST)

    assert len(found) == 1
    await other.aclose()
    await store.aclose()


async def test_an_event_is_kept_on_redis_until_its_time_is_over(open_redis: OpenRedis) -> None:
    clock = SettableClock()
    store = await open_redis(clock)
    sink = StoreEventSink(store, clock, KEEP)
    sink.emit(_event(clock))
    sink.emit(_event(clock, EventName.SIGNIN_FAILED, "another-request"))
    await sink.aclose()

    (found,) = await events_of(store, REQUEST)

    assert (found.name, found.reason, found.at) == ("auth.session.revoked", "signout", clock.now())
    clock.advance(KEEP)
    assert await events_of(store, REQUEST) == []
