"""A trace hook follows each request, on either chain; without one there is none in the chain."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from starlette.types import Scope

from netscript_kernel.request_context import TRACE_IDS, TraceIds, outgoing_headers
from netscript_kernel.service.hot import HotAnswer, HotRoute
from tests.kernel.sample_service import browsing, sample_service

IDS = TraceIds(trace_id="ab" * 16, traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")


class Recorder:
    """A hook that remembers how requests ended."""

    def __init__(self) -> None:
        self.ended: list[tuple[str | None, int, str | None]] = []

    def __call__(self, scope: Scope) -> "Recorder":
        return self

    @property
    def ids(self) -> TraceIds:
        return IDS

    def within(self, name: str, facts: Mapping[str, str | int]) -> AbstractContextManager[None]:
        return nullcontext()

    def end(self, *, route: str | None, status: int, error: BaseException | None) -> None:
        self.ended.append((route, status, type(error).__name__ if error else None))


async def hot(scope: Scope) -> HotAnswer:
    return HotAnswer(200, (), str(outgoing_headers().get("traceparent")).encode())


async def broken(scope: Scope) -> HotAnswer:
    raise ValueError


def traced(recorder: Recorder | None) -> Any:
    routes = [HotRoute("GET", "/hot", hot), HotRoute("GET", "/broken", broken)]
    return sample_service(hot_routes=routes, trace_hook=recorder).app


async def test_a_hook_is_told_route_and_status_on_both_chains() -> None:
    recorder = Recorder()

    async with browsing(traced(recorder)) as http:
        await http.get("/api/v1/notes/n1")
        await http.get("/nowhere")
        await http.get("/hot")
        await http.get("/broken")

    assert recorder.ended == [
        ("/api/v1/notes/{noteId}", 200, None),
        (None, 404, None),
        ("/hot", 200, None),
        ("/broken", 500, None),
    ]


async def test_problems_name_the_trace_and_calls_pass_it_on() -> None:
    async with browsing(traced(Recorder())) as http:
        problems = [await http.get(path) for path in ("/nowhere", "/broken")]
        passed_on = await http.get("/hot")

    assert [answer.json()["trace_id"] for answer in problems] == [IDS.trace_id, IDS.trace_id]
    assert passed_on.text == IDS.traceparent
    assert TRACE_IDS.get() is None


async def test_without_a_hook_there_is_no_trace() -> None:
    async with browsing(traced(None)) as http:
        answers = [await http.get(path) for path in ("/nowhere", "/broken")]
        passed_on = await http.get("/hot")

    assert ["trace_id" in answer.json() for answer in answers] == [False, False]
    assert passed_on.text == "None"
