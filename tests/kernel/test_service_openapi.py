"""The OpenAPI document says what is served, and the page shows it without a script."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from netscript_kernel.contracts import Contract, get
from netscript_kernel.service.builder import create_service
from netscript_kernel.service.implementation import implement
from netscript_kernel.service.routes import ContractRoute
from netscript_kernel.service.settings import ServiceInfo
from tests.kernel.sample_service import HOST, SETTINGS, FindNote, Note, browsing, sample_service

DOCUMENT = sample_service().openapi()
NOTE = DOCUMENT["paths"]["/api/v1/notes/{noteId}"]
ADD = DOCUMENT["paths"]["/api/v1/notes/"]["post"]
JSON = {"content-type": "application/json"}


def codes(operation: dict[str, Any], status: int) -> list[str]:
    schema = operation["responses"][str(status)]["content"]["application/problem+json"]["schema"]
    assert schema["allOf"][0] == {"$ref": "#/components/schemas/Problem"}
    found: list[str] = schema["allOf"][1]["properties"]["code"]["enum"]
    return found


def test_a_service_that_nobody_asks_for_its_document_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ContractRoute] = []
    monkeypatch.setattr(ContractRoute, "documented", made.append)

    sample_service()

    assert made == []


def test_every_operation_is_there_with_its_summary_and_id() -> None:
    ids = {each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values()}

    assert ids == {
        f"notes_v1_{name}" for name in ("find", "add", "rename", "drop", "newest", "ping", "post_form")
    }
    assert NOTE["get"]["summary"] == "One note."


def test_an_answer_that_goes_on_is_documented_by_its_media_type() -> None:
    class TicksV1(Contract, name="ticks", version="v1", prefix="/api/v1/ticks"):
        follow = get("/").raw().streams("text/event-stream")

    async def follow(_: Request) -> Response:
        return Response()

    implementation = implement(TicksV1)
    implementation.handles(TicksV1.follow)(follow)
    service = create_service(ServiceInfo("ticks", "1"), SETTINGS, implementations=[implementation])

    answer = service.openapi()["paths"]["/api/v1/ticks/"]["get"]["responses"]["200"]

    assert answer["content"] == {"text/event-stream": {"schema": {"type": "string"}}}


def test_parameters_have_wire_names_places_and_limits() -> None:
    parameters = {each["name"]: each for each in NOTE["get"]["parameters"]}

    assert {name: each["in"] for name, each in parameters.items()} == {
        "noteId": "path",
        "withHistory": "query",
        "onlyTags": "query",
    }
    assert parameters["noteId"]["schema"]["maxLength"] == 10
    assert parameters["onlyTags"]["schema"]["type"] == "array"


def test_bodies_have_wire_names_and_leave_out_what_the_path_gives() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    rename = DOCUMENT["paths"]["/api/v1/notes/{noteId}/name"]["post"]
    name = rename["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]

    assert schemas["NewNote"]["properties"].keys() == {"fullText", "dueAt", "pageCount", "extras"}
    assert schemas[name]["properties"].keys() == {"fullText"}


def test_outputs_and_redirects_are_documented_with_their_status() -> None:
    newest = DOCUMENT["paths"]["/api/v1/notes/by/age"]["get"]

    assert ADD["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Note"
    }
    assert "content" not in NOTE["delete"]["responses"]["204"]
    assert newest["responses"]["302"]["headers"].keys() == {"Location"}
    assert "200" not in newest["responses"]


def test_a_raw_operation_names_the_kinds_of_body_that_it_reads() -> None:
    content = DOCUMENT["paths"]["/api/v1/notes/by/form"]["post"]["requestBody"]["content"]

    assert content.keys() == {"application/json", "application/x-www-form-urlencoded"}


def test_an_operation_that_people_open_too_says_so() -> None:
    class OpenedV1(Contract, name="opened", version="v1", prefix="/opened"):
        opened = get("/{note_id}").input(FindNote).output(Note).for_browsers(303)

    opened = implement(OpenedV1)

    @opened.handles(OpenedV1.opened)
    async def answer(value: FindNote, request: object) -> Note:
        raise AssertionError("nobody asks")

    responses = sample_service(implementations=[opened]).openapi()["paths"]["/opened/{noteId}"]["get"][
        "responses"
    ]

    assert responses["200"]["content"].keys() == {"application/json"}
    assert responses["303"]["headers"].keys() == {"Location"}
    assert responses["404"]["content"].keys() == {"application/problem+json", "text/html"}


def test_a_body_may_arrive_too_slowly() -> None:
    assert codes(ADD, 408) == ["REQUEST_TIMEOUT"]
    assert "408" not in NOTE["get"]["responses"]


def test_refusals_are_problems_with_their_codes() -> None:
    assert codes(ADD, 403) == ["FORBIDDEN"]
    assert codes(ADD, 409) == ["NOTE_LOCKED"]
    assert codes(ADD, 415) == ["UNSUPPORTED_MEDIA_TYPE"]
    assert codes(ADD, 422) == ["VALIDATION_ERROR"]
    assert codes(NOTE["get"], 404) == ["NOT_FOUND"]
    assert "415" not in NOTE["get"]["responses"]
    assert "request_id" in DOCUMENT["components"]["schemas"]["Problem"]["properties"]
    assert "HTTPValidationError" not in DOCUMENT["components"]["schemas"]


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("GET", "/api/v1/notes/n1", {}),
        ("GET", "/api/v1/notes/gone", {}),
        ("GET", "/api/v1/notes/n1", {"headers": {"Host": "evil.example"}}),
        ("GET", "/api/v1/notes/n1", {"params": {"withHistory": "maybe"}}),
        ("POST", "/api/v1/notes/", {"json": {"fullText": "x"}}),
        ("POST", "/api/v1/notes/", {"json": {}}),
        ("POST", "/api/v1/notes/", {"content": b"{", "headers": JSON}),
        ("POST", "/api/v1/notes/", {"content": b"x"}),
        ("POST", "/api/v1/notes/", {"content": b"x" * 65537}),
        ("DELETE", "/api/v1/notes/n1", {}),
        ("GET", "/api/v1/notes/by/age", {}),
        ("POST", "/api/v1/notes/by/form", {"data": {"fullText": "x"}}),
    ],
)
async def test_a_status_that_is_answered_is_a_status_that_is_documented(
    method: str, path: str, options: dict[str, Any]
) -> None:
    async with browsing(sample_service().app) as http:
        answer = await http.request(method, path, **options)

    template = path.replace("/n1", "/{noteId}").replace("/gone", "/{noteId}")
    operation = DOCUMENT["paths"][template][method.lower()]
    documented = operation["responses"][str(answer.status_code)]
    media_type = answer.headers.get("content-type")
    assert media_type is None or media_type in documented["content"]


async def test_the_document_is_served() -> None:
    async with browsing(sample_service().app) as http:
        answer = await http.get("/api/openapi.json")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT


async def test_documentation_can_be_switched_off() -> None:
    async with browsing(sample_service(replace(SETTINGS, docs=False)).app) as http:
        answers = [await http.get(path) for path in ("/api/openapi.json", "/api/docs", "/api/docs/docs.css")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


class Page(HTMLParser):
    """What a page refers to, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.styles: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"href", "src"} and value:
                self.links.append(value)
            if name == "style" or name.startswith("on"):
                self.styles.append(name)

    def handle_data(self, data: str) -> None:
        self.text += data + " "


async def test_the_page_shows_operations_parameters_and_problems() -> None:
    async with browsing(sample_service().app) as http:
        page = Page((await http.get("/api/docs")).text)

    for words in (
        "/api/v1/notes/{noteId}",
        "withHistory",
        "list of string",
        "NOTE_LOCKED",
        "One note.",
        "fullText",
    ):
        assert words in page.text


async def test_the_page_needs_no_script_no_inline_style_and_nothing_from_elsewhere() -> None:
    async with browsing(sample_service().app) as http:
        answer = await http.get("/api/docs")
        page = Page(answer.text)
        linked = [await http.get(str(answer.url.join(link))) for link in page.links]

    policy = answer.headers["content-security-policy"]
    assert "script" not in page.tags
    assert "style" not in page.tags
    assert page.styles == []
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert {one.url.host for one in linked} == {HOST}
    assert [one.status_code for one in linked] == [200] * len(page.links)


async def test_words_of_a_contract_cannot_become_markup() -> None:
    class OddV1(Contract, name="odd", version="v1", prefix="/odd"):
        odd = get("/{note_id}").input(FindNote).output(Note).describe("<script>alert(1)</script>")

    odd = implement(OddV1)

    @odd.handles(OddV1.odd)
    async def answer(value: FindNote, request: object) -> Note:
        return Note(note_id=value.note_id, full_text="x")

    async with browsing(sample_service(implementations=[odd]).app) as http:
        page = await http.get("/api/docs")

    assert "<script>" not in page.text
