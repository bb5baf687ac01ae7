"""The typed client against the service that implements the same contract, and against worse ones."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack

import httpx
import pytest

from netscript_kernel.client import (
    CallUnavailableError,
    ClientOptions,
    OutOfContractError,
    ProblemReply,
    connect,
    connected,
)
from netscript_kernel.clock import SettableClock
from netscript_kernel.contracts import Contract, Nothing, Redirect, get
from netscript_kernel.request_context import REQUEST_ID, TRACE_IDS, TraceIds
from tests.kernel.sample_service import HOST, Note, NotesV1, browsing, sample_service
from tests.kernel.streamed_answers import Once, streamed

BASE = f"http://{HOST}"
NOTE = {"noteId": "n1", "fullText": "Milk"}
START = datetime(2026, 1, 1, tzinfo=UTC)


class Peer:
    """A service that answers what it is told to, in order; the last answer stays."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return streamed(answer)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def notes(self, **more: Unpack[ClientOptions]) -> NotesV1:
        options = ClientOptions(sleep=self.sleep, jitter=lambda most: most, clock=SettableClock(START))
        options.update(more)
        return connect(NotesV1, BASE, http=httpx.AsyncClient(transport=httpx.MockTransport(self)), **options)


def ok(fields: Any = NOTE, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=fields)


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    headers = {"content-type": "application/problem+json", **more.pop("headers", {})}
    return httpx.Response(
        status, json={"code": code, "title": "No", "status": status, **more}, headers=headers
    )


# With the service itself


async def test_a_call_is_the_operation() -> None:
    async with browsing(sample_service().app) as http:
        notes = connect(NotesV1, BASE, http=http)

        found = await notes.find(note_id="n1", with_history=True, only_tags=("a", "b&c"))

    assert found == Note(note_id="n1", full_text="True", only_tags=("a", "b&c"))


async def test_every_kind_of_operation_goes_there_and_back() -> None:
    due = datetime(2026, 5, 1, tzinfo=UTC)
    async with browsing(sample_service().app) as http:
        notes = connect(NotesV1, BASE, http=http)

        added = await notes.add(full_text="Milk", due_at=due)
        renamed = await notes.rename(note_id="n 1 ü", full_text="Eggs")
        dropped = await notes.drop(note_id="n1")
        newest = await notes.newest()
        pinged = await notes.ping()

    assert (added.note_id, added.due_at) == ("new", due)
    assert renamed == Note(note_id="n 1 ü", full_text="Eggs")
    assert (dropped, pinged) == (Nothing(), Nothing())
    assert newest == Redirect(location="/api/v1/notes/n9")


async def test_a_refusal_is_a_typed_error_with_all_that_was_said() -> None:
    async with browsing(sample_service().app) as http:
        notes = connect(NotesV1, BASE, http=http)

        with pytest.raises(ProblemReply) as refused:
            await notes.find(note_id="gone")

    assert (refused.value.status, refused.value.code) == (404, "NOT_FOUND")
    assert refused.value.detail == "This note is gone"
    assert refused.value.request_id is not None
    assert refused.value.operation == "notes.find"


async def test_faults_of_the_input_come_back_by_field() -> None:
    faults: dict[str, Any] = {"formErrors": [], "fieldErrors": {"fullText": ["Field required"]}}
    peer = Peer(problem(422, "VALIDATION_ERROR", data=faults))

    with pytest.raises(ProblemReply) as refused:
        await peer.notes().add(full_text="x")

    assert refused.value.data["fieldErrors"] == {"fullText": ["Field required"]}


# Requests


async def test_the_current_request_and_trace_are_passed_on() -> None:
    peer = Peer(ok())
    request, trace = REQUEST_ID.set("abcd-1234"), TRACE_IDS.set(TraceIds("ab" * 16, "00-ab-cd-01"))

    await peer.notes(headers={"Authorization": "Bearer x"}).find(note_id="n1")
    REQUEST_ID.reset(request)
    TRACE_IDS.reset(trace)

    sent = peer.requests[0].headers
    assert (sent["x-request-id"], sent["traceparent"]) == ("abcd-1234", "00-ab-cd-01")
    assert (sent["authorization"], sent["accept-encoding"]) == ("Bearer x", "identity")


async def test_outside_of_a_request_nothing_is_passed_on() -> None:
    peer = Peer(ok())

    await peer.notes().find(note_id="n1")

    assert not {"x-request-id", "traceparent"} & set(peer.requests[0].headers)


@pytest.mark.parametrize("note_id", ["../admin", "a/b", "a?b=c", "a#b", "%2e%2e", "ü", "a b"])
async def test_a_field_of_the_path_stays_one_segment(note_id: str) -> None:
    peer = Peer(httpx.Response(204))

    await peer.notes().drop(note_id=note_id)

    assert peer.requests[0].url.raw_path.count(b"/") == 4
    assert b"?" not in peer.requests[0].url.raw_path


@pytest.mark.parametrize("note_id", ["", ".", ".."])
async def test_a_field_of_the_path_that_names_another_resource_is_refused(note_id: str) -> None:
    peer = Peer(ok())

    with pytest.raises(ValueError, match="note_id"):
        await peer.notes().find(note_id=note_id)

    assert peer.requests == []


ODD_URLS = [
    "https://x?",
    "https://x#",
    "https://x/?",
    "https://x\\@y",
    "https://a:b@x",
    "https://x y",
    "https://x\t.y",
    " https://x",
    "https://x%00",
    "https://x/../y",
]


@pytest.mark.parametrize(
    "url", ["notes.example", "ftp://x", "https://", "https://x?a=b", "https://x#y", "http://x:nan", *ODD_URLS]
)
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="the base URL"):
        connect(NotesV1, url, http=httpx.AsyncClient())


async def test_an_answer_that_goes_on_is_not_for_a_typed_client() -> None:
    class TicksV1(Contract, name="ticks", version="v1", prefix="/ticks"):
        follow = get("/").streams("text/event-stream")

    peer = Peer(ok())
    ticks = connect(TicksV1, BASE, http=httpx.AsyncClient(transport=httpx.MockTransport(peer)))

    with pytest.raises(TypeError, match=r"ticks\.follow answers with a stream"):
        await ticks.follow()

    assert peer.requests == []


async def test_a_base_url_may_have_a_path() -> None:
    peer = Peer(ok())
    http = httpx.AsyncClient(transport=httpx.MockTransport(peer))

    await connect(NotesV1, "https://acme.example/inner/", http=http).find(note_id="n1")

    assert str(peer.requests[0].url) == "https://acme.example/inner/api/v1/notes/n1?withHistory=false"


# Retries


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.RemoteProtocolError("gone"),
        httpx.ReadError(""),
    ],
)
async def test_an_idempotent_call_is_sent_again_after_a_lost_connection(failure: Exception) -> None:
    peer = Peer(failure, failure, ok())

    found = await peer.notes().find(note_id="n1")

    assert found.note_id == "n1"
    assert peer.waits == [0.2, 0.4]


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_an_idempotent_call_is_sent_again_when_the_service_cannot_answer(status: int) -> None:
    peer = Peer(httpx.Response(status), ok())

    found = await peer.notes().find(note_id="n1")

    assert found.note_id == "n1"
    assert len(peer.waits) == 1


async def test_the_last_failure_is_told() -> None:
    peer = Peer(problem(503, "UNAVAILABLE", headers={"Retry-After": "1"}))

    with pytest.raises(CallUnavailableError) as failed:
        await peer.notes().find(note_id="n1")

    assert len(peer.requests) == 3
    assert failed.value.reply is not None
    assert failed.value.reply.code == "UNAVAILABLE"
    assert failed.value.retry_after == timedelta(seconds=1)


async def test_without_a_connection_nothing_is_known() -> None:
    peer = Peer(httpx.ConnectError("refused"))

    with pytest.raises(CallUnavailableError, match="no connection"):
        await peer.notes(retries=0).find(note_id="n1")

    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("refused"), httpx.Response(503), httpx.ReadTimeout("slow")]
)
async def test_a_call_that_changes_something_is_sent_once(answer: Any) -> None:
    peer = Peer(answer)

    with pytest.raises(CallUnavailableError):
        await peer.notes().add(full_text="x")

    assert len(peer.requests) == 1


async def test_a_call_that_is_too_slow_is_not_sent_again() -> None:
    peer = Peer(httpx.ReadTimeout("slow"))

    with pytest.raises(CallUnavailableError, match="ReadTimeout"):
        await peer.notes().find(note_id="n1")

    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("3", 3.1),
        ("Thu, 01 Jan 2026 00:00:04 GMT", 4.1),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.1),
        ("soon", 0.2),
    ],
)
async def test_retry_after_is_honoured(header: str, wait: float) -> None:
    peer = Peer(httpx.Response(503, headers={"Retry-After": header}), ok())

    await peer.notes().find(note_id="n1")

    assert peer.waits == [pytest.approx(wait)]


async def test_a_service_that_asks_for_a_long_wait_is_not_asked_again() -> None:
    peer = Peer(problem(503, "UNAVAILABLE", headers={"Retry-After": "600"}))

    with pytest.raises(CallUnavailableError) as failed:
        await peer.notes().find(note_id="n1")

    assert (len(peer.requests), peer.waits) == (1, [])
    assert failed.value.retry_after == timedelta(minutes=10)


async def test_a_refusal_is_not_asked_again() -> None:
    peer = Peer(problem(429, "RATE_LIMITED", headers={"Retry-After": "1"}))

    with pytest.raises(ProblemReply) as refused:
        await peer.notes().find(note_id="n1")

    assert len(peer.requests) == 1
    assert refused.value.retry_after == timedelta(seconds=1)


# Answers


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>", headers={"content-type": "text/html"}),
        httpx.Response(200, content=b"{", headers={"content-type": "application/json"}),
        httpx.Response(200, content=b"{}", headers={"content-type": "application/json"}),
        httpx.Response(200, content=b"[]", headers={"content-type": "application/json"}),
        httpx.Response(200, json=NOTE, headers={"content-type": "text/plain"}),
        httpx.Response(201, json=NOTE),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(404, text="not ours"),
        httpx.Response(500, content=b"{", headers={"content-type": "application/problem+json"}),
        httpx.Response(200, json={**NOTE, "fullText": "x" * (1024 * 1024)}),
    ],
)
async def test_an_answer_that_the_contract_does_not_know_is_an_error(answer: httpx.Response) -> None:
    peer = Peer(answer)

    with pytest.raises(OutOfContractError) as failed:
        await peer.notes().find(note_id="n1")

    assert failed.value.status == answer.status_code
    assert len(peer.requests) == 1


async def test_a_compressed_answer_was_not_asked_for() -> None:
    async def compressed(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Once(b"\x1f\x8b"))

    http = httpx.AsyncClient(transport=httpx.MockTransport(compressed))

    with pytest.raises(OutOfContractError, match="compressed"):
        await connect(NotesV1, BASE, http=http).find(note_id="n1")


async def test_values_of_an_answer_do_not_get_into_the_error() -> None:
    peer = Peer(ok({"noteId": ["hunter2"], "fullText": {"hunter2": 1}}))

    with pytest.raises(OutOfContractError) as failed:
        await peer.notes().find(note_id="n1")

    assert "hunter2" not in str(failed.value)
    assert "noteId" in str(failed.value)


async def test_fields_that_a_newer_service_adds_are_ignored() -> None:
    peer = Peer(ok({**NOTE, "addedLater": True}))

    found = await peer.notes().find(note_id="n1")

    assert found == Note(note_id="n1", full_text="Milk")


@pytest.mark.parametrize(
    "fields", [[], {"code": 1, "title": None, "data": "x", "detail": [], "request_id": 3}, {}]
)
async def test_a_problem_of_odd_shape_is_still_a_refusal_or_out_of_contract(fields: Any) -> None:
    headers = {"content-type": "application/problem+json"}
    peer = Peer(httpx.Response(409, json=fields, headers=headers))

    with pytest.raises((ProblemReply, OutOfContractError), match="409"):
        await peer.notes().find(note_id="n1")


# Life


async def test_connections_that_the_client_made_are_closed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[httpx.AsyncClient] = []
    close: Callable[[httpx.AsyncClient], Awaitable[None]] = httpx.AsyncClient.aclose

    async def remember(self: httpx.AsyncClient) -> None:
        closed.append(self)
        await close(self)

    monkeypatch.setattr(httpx.AsyncClient, "aclose", remember)

    async with connected(NotesV1, BASE) as notes:
        assert isinstance(notes, NotesV1)
        assert closed == []

    assert len(closed) == 1


async def test_connections_that_were_lent_stay_open() -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(Peer(ok())))

    async with connected(NotesV1, BASE, http=http) as notes:
        await notes.find(note_id="n1")

    assert not http.is_closed


async def test_cookies_of_one_call_do_not_reach_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = Peer(httpx.Response(200, json=NOTE, headers={"Set-Cookie": "session=hers; Path=/"}))
    plain: Callable[..., None] = httpx.AsyncClient.__init__

    def mocked(self: httpx.AsyncClient, **options: Any) -> None:
        plain(self, transport=httpx.MockTransport(peer), **options)

    monkeypatch.setattr(httpx.AsyncClient, "__init__", mocked)

    async with connected(NotesV1, BASE) as notes:
        await notes.find(note_id="n1")
        await notes.find(note_id="n2")

    cookies: Sequence[str | None] = [request.headers.get("cookie") for request in peer.requests]
    assert cookies == [None, None]
