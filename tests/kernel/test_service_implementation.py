"""Handlers are bound once, completely, and to the right operation."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from netscript_kernel.contracts import UNAVAILABLE, Contract, Nothing, WireModel, get, post
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.service.hot import HotAnswer
from netscript_kernel.service.implementation import implement
from netscript_kernel.service.problems import ProblemError, problem_response
from tests.kernel.sample_service import browsing, sample_service


class Greeting(WireModel):
    text: str


class GreetV1(Contract, name="greet", version="v1", prefix="/greet"):
    hello = get("/hello").output(Greeting)
    bye = get("/bye").output(Greeting)
    raw = post("/raw").output(Greeting).raw()


class OtherV1(Contract, name="other", version="v1", prefix="/other"):
    hello = get("/hello").output(Greeting)


async def greet(value: Nothing, request: Request) -> Greeting:
    return Greeting(text="hello")


async def greet_raw(request: Request) -> Greeting:
    return Greeting(text=(await request.body()).decode())


async def greet_hot(scope: Scope) -> HotAnswer:
    return HotAnswer(200, (), b"")


def test_missing_handlers_are_named_when_the_service_is_built() -> None:
    greeting = implement(GreetV1)
    greeting.handles(GreetV1.hello)(greet)

    with pytest.raises(TypeError, match="GreetV1 has no handler for: bye, raw"):
        sample_service(implementations=[greeting])


def test_a_second_handler_is_refused_hot_or_not() -> None:
    greeting = implement(GreetV1)
    greeting.handles(GreetV1.hello)(greet)

    with pytest.raises(TypeError, match=r"GreetV1\.hello has a handler already"):
        greeting.handles(GreetV1.hello)(greet)
    with pytest.raises(TypeError, match=r"GreetV1\.hello has a handler already"):
        greeting.handles_hot(GreetV1.hello)(greet_hot)


def test_an_operation_of_another_contract_is_refused() -> None:
    greeting = implement(GreetV1)

    with pytest.raises(TypeError, match="no operation of GreetV1"):
        greeting.handles(OtherV1.hello)(greet)


def test_a_handler_of_the_wrong_shape_is_refused() -> None:
    greeting = implement(GreetV1)

    with pytest.raises(TypeError, match=r"GreetV1\.raw takes \(request\)"):
        greeting.handles(GreetV1.raw)(greet)
    with pytest.raises(TypeError, match=r"GreetV1\.hello takes \(value, request\)"):
        greeting.handles(GreetV1.hello)(greet_raw)


def test_a_path_with_fields_cannot_be_hot() -> None:
    class Found(WireModel):
        name: str

    class FindV1(Contract, name="find", version="v1", prefix="/find"):
        one = get("/{name}").input(Found).output(Greeting)

    with pytest.raises(TypeError, match="cannot be hot"):
        implement(FindV1).handles_hot(FindV1.one)


class Speaker:
    """Handlers may be methods."""

    def __init__(self, words: str) -> None:
        self.words = words

    async def hello(self, value: Nothing, request: Request) -> Greeting:
        return Greeting(text=self.words)

    async def bye(self, value: Nothing, request: Request) -> Response:
        return PlainTextResponse("bye", headers={"Set-Cookie": "a=b"})


async def speaking(handler: Any = greet_raw) -> dict[str, Any]:
    greeting, speaker = implement(GreetV1), Speaker("good day")
    greeting.handles(GreetV1.hello)(speaker.hello)
    greeting.handles(GreetV1.bye)(speaker.bye)
    greeting.handles(GreetV1.raw)(handler)
    service = sample_service(implementations=[greeting], problem_mapper=mapped)
    async with browsing(service.app) as http:
        return {
            "hello": await http.get("/greet/hello"),
            "bye": await http.get("/greet/bye"),
            "raw": await http.post("/greet/raw", content=b"anything"),
        }


def mapped(error: Exception) -> ProblemError | None:
    return ProblemError(UNAVAILABLE, detail="mapped") if isinstance(error, LookupError) else None


async def test_a_handler_answers_with_the_output_or_with_a_response_of_its_own() -> None:
    answers = await speaking()

    assert answers["hello"].json() == {"text": "good day"}
    assert (answers["bye"].text, answers["bye"].headers["set-cookie"]) == ("bye", "a=b")
    assert answers["raw"].json() == {"text": "anything"}


async def test_an_output_of_another_kind_is_a_fault_of_ours() -> None:
    async def confused(request: Request) -> Any:
        return Nothing()

    answers = await speaking(confused)

    assert (answers["raw"].status_code, answers["raw"].json()["code"]) == (500, "INTERNAL")


async def test_the_service_s_own_mapper_goes_first() -> None:
    async def lookup(request: Request) -> Any:
        raise KeyError("hunter2")

    answers = await speaking(lookup)

    assert (answers["raw"].status_code, answers["raw"].json()["detail"]) == (503, "mapped")


async def test_an_outage_of_the_store_is_503_with_retry_after() -> None:
    async def outage(request: Request) -> Any:
        raise StoreUnavailableError("redis", "redis://hunter2 refused")

    answers = await speaking(outage)

    assert (answers["raw"].status_code, answers["raw"].json()["code"]) == (503, "UNAVAILABLE")
    assert answers["raw"].headers["retry-after"] == "5"
    assert "hunter2" not in answers["raw"].text


async def test_a_problem_may_be_returned_as_well_as_raised() -> None:
    async def answered(request: Request) -> Response:
        return problem_response(ProblemError(UNAVAILABLE, data={"x": 1}, headers={"Retry-After": "7"}))

    answers = await speaking(answered)

    assert answers["raw"].json()["data"] == {"x": 1}
    assert answers["raw"].json()["request_id"] == answers["raw"].headers["x-request-id"]
    assert answers["raw"].headers["retry-after"] == "7"


async def test_slash_tells_who_the_service_is() -> None:
    async with browsing(sample_service().app) as http:
        answer = await http.get("/")

    notes = {"name": "notes", "version": "v1", "prefix": "/api/v1/notes"}
    assert answer.json() == {"name": "notes", "version": "1.2.3", "contracts": [notes]}


async def test_slash_may_have_a_handler_of_its_own() -> None:
    async def home(_: Request) -> Response:
        return PlainTextResponse("home")

    async with browsing(sample_service(root=home).app) as http:
        answer = await http.get("/")

    assert answer.text == "home"
