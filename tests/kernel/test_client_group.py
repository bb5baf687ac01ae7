"""A group of services: one pool of connections, found when they are needed, closed together."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from netscript_kernel.client import CallUnavailableError, OutgoingCall, ProblemReply
from netscript_kernel.client_group import ServiceGroup, service
from netscript_kernel.contracts import Contract, WireModel, get
from netscript_kernel.errors import ConfigurationError
from tests.kernel.sample_service import HOST, NotesV1, browsing, sample_service
from tests.kernel.streamed_answers import streamed


class Ping(WireModel):
    said: str


class PingV1(Contract, name="ping", version="v1", prefix="/api/v1/ping"):
    ping = get("/").output(Ping)


class Services(ServiceGroup):
    notes = service(NotesV1)
    ping_api = service(PingV1, headers={"X-Own": "ping"})


WHERE = {"services__notes__http__0": f"http://{HOST}", "services__ping_api__http__0": "http://ping.example"}


class Peer:
    """Answers every request in the same way, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers) or [httpx.Response(200, json={"said": "pong"})]
        self.requests: list[httpx.Request] = []
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self))

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return streamed(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


async def test_a_group_gives_a_client_for_each_of_its_services() -> None:
    async with browsing(sample_service().app) as http, Services(WHERE, http=http) as services:
        found = await services.notes.find(note_id="n1")

    assert found.note_id == "n1"


async def test_a_client_is_made_once() -> None:
    async with Services(WHERE) as services:
        assert services.notes is services.notes


async def test_a_service_is_looked_for_when_it_is_used_and_not_before() -> None:
    peer = Peer()
    async with Services({"services__ping_api__http__0": "http://ping.example"}, http=peer.http) as services:
        said = await services.ping_api.ping()

        with pytest.raises(ConfigurationError, match="services__notes__http__0: is not set"):
            _ = services.notes

    assert said == Ping(said="pong")


async def test_a_start_can_ask_for_all_of_them_and_hears_of_every_one_that_is_missing() -> None:
    async with Services({}) as services:
        with pytest.raises(ConfigurationError) as refused:
            services.require_all()

    assert [fault.variable for fault in refused.value.faults] == [
        "services__notes__http__0",
        "services__ping_api__http__0",
    ]


async def test_contributors_are_asked_before_each_sending_and_headers_of_group_and_service_are_sent() -> None:
    asked: list[OutgoingCall] = []

    async def token(call: OutgoingCall) -> Mapping[str, str]:
        asked.append(call)
        return {"authorization": f"Bearer {len(asked)}"}

    async def no_sleep(_: float) -> None: ...

    peer = Peer(httpx.Response(503), httpx.Response(200, json={"said": "pong"}))
    options: dict[str, Any] = {"sleep": no_sleep, "headers": {"X-All": "1", "Authorization": "none"}}
    async with Services(WHERE, http=peer.http, contributors=[token], **options) as services:
        await services.ping_api.ping()

    assert [request.headers["authorization"] for request in peer.requests] == ["Bearer 1", "Bearer 2"]
    assert (peer.requests[0].headers["x-all"], peer.requests[0].headers["x-own"]) == ("1", "ping")
    assert asked[0] == OutgoingCall("ping", "ping", "GET")


async def test_what_comes_of_a_call_is_a_typed_error() -> None:
    headers = {"content-type": "application/problem+json"}
    refusing = Peer(httpx.Response(403, json={"code": "FORBIDDEN", "title": "No"}, headers=headers))
    away = Peer(httpx.Response(503))

    async with (
        Services(WHERE, http=refusing.http) as services,
        Services(WHERE, http=away.http, retries=0) as others,
    ):
        with pytest.raises(ProblemReply, match="FORBIDDEN"):
            await services.ping_api.ping()
        with pytest.raises(CallUnavailableError):
            await others.ping_api.ping()


async def test_connections_of_the_group_are_closed_with_it_and_lent_ones_stay_open() -> None:
    peer = Peer()

    async with Services(WHERE, http=peer.http) as lent, Services(WHERE) as own:
        await lent.ping_api.ping()

    assert not peer.http.is_closed
    with pytest.raises(RuntimeError, match="closed"):
        await own.ping_api.ping()


async def test_a_group_may_build_on_another_one() -> None:
    class More(Services):
        again = service(NotesV1, name="notes")

    async with Services(WHERE) as fewer, More(WHERE) as more:
        assert isinstance(more.ping_api, PingV1)
        assert isinstance(more.again, NotesV1)

    assert set(type(more).slots) == {"notes", "ping_api", "again"}
    assert set(type(fewer).slots) == {"notes", "ping_api"}


@pytest.mark.parametrize(
    ("attribute", "slot", "told"),
    [
        ("aclose", service(NotesV1), "a group has this attribute itself"),
        ("notes", service(NotesV1, name="Notes API"), "no name of a service"),
    ],
)
def test_a_service_that_cannot_be_called_so_is_refused_as_the_class_is_made(
    attribute: str, slot: Any, told: str
) -> None:
    with pytest.raises((TypeError, RuntimeError)) as refused:
        type("Broken", (ServiceGroup,), {attribute: slot})

    assert told in str(refused.value.__cause__ or refused.value)
