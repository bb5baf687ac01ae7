"""What a service reads, and how it refuses the rest."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.sample_service import browsing, sample_service

NOTES = "/api/v1/notes/"
JSON = {"content-type": "application/json"}
SERVICE = sample_service()


@pytest.fixture
async def http() -> AsyncGenerator[httpx.AsyncClient]:
    async with browsing(SERVICE.app) as client:
        yield client


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    fields: dict[str, Any] = answer.json()
    assert fields["status"] == answer.status_code
    return fields


async def test_path_and_query_fill_the_input_by_wire_names(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{NOTES}n1?withHistory=true&onlyTags=a&onlyTags=b")

    assert answer.json() == {"noteId": "n1", "fullText": "True", "onlyTags": ["a", "b"]}


async def test_a_body_fills_the_input_and_success_has_its_documented_status(http: httpx.AsyncClient) -> None:
    answer = await http.post(NOTES, json={"fullText": "Milk", "dueAt": "2026-01-01T00:00:00Z"})

    assert answer.status_code == 201
    assert answer.json()["dueAt"] == "2026-01-01T00:00:00Z"


async def test_the_path_gives_its_fields_and_the_body_the_others(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{NOTES}n1/name", json={"fullText": "Eggs"})

    assert answer.json()["noteId"] == "n1"
    assert answer.json()["fullText"] == "Eggs"


async def test_a_body_cannot_give_a_field_of_the_path_again(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{NOTES}n1/name", json={"fullText": "Eggs", "noteId": "n2"})

    assert answer.status_code == 422
    assert list(problem(answer)["data"]["fieldErrors"]) == ["noteId"]


async def test_nothing_needs_no_body_and_204_has_none(http: httpx.AsyncClient) -> None:
    pinged = await http.post(f"{NOTES}by/ping")
    dropped = await http.delete(f"{NOTES}n1")

    assert (pinged.status_code, pinged.json()) == (200, {})
    assert (dropped.status_code, dropped.content) == (204, b"")


async def test_a_redirect_has_its_documented_status_and_place(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{NOTES}by/age")

    assert (answer.status_code, answer.headers["location"]) == (302, "/api/v1/notes/n9")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "application/problem+json",
        "application/jsonx",
        "application/json; charset=utf-16",
        "application/json; boundary=x",
        "multipart/form-data; boundary=x",
    ],
)
async def test_a_body_that_is_not_json_is_415(http: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    answer = await http.post(NOTES, content=b'{"fullText":"x"}', headers=headers)

    assert answer.status_code == 415
    assert problem(answer)["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("content_type", ["Application/JSON", "application/json ; charset=UTF-8"])
async def test_json_may_be_said_in_other_ways(http: httpx.AsyncClient, content_type: str) -> None:
    headers = {"content-type": content_type}

    answer = await http.post(NOTES, content=b'{"fullText":"x"}', headers=headers)

    assert answer.status_code == 201


async def test_a_compressed_body_is_415(http: httpx.AsyncClient) -> None:
    headers = {**JSON, "content-encoding": "gzip"}

    answer = await http.post(NOTES, content=b"\x1f\x8b", headers=headers)

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"fullText":"x"}}',
        b"{'fullText':'x'}",
        b'{"fullText": NaN}',
        b'{"pageCount": Infinity, "fullText": "x"}',
        b'{"fullText":"\xff\xfe"}',
        b'{"fullText":"\\ud800"}',
        '{"fullText":"x"}'.encode("utf-16"),
        b"[" * 20000,
        b'{"fullText":"x","extras":' + b"[" * 2000 + b"]" * 2000 + b"}",
        b'{"fullText":"x","extras":' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}",
    ],
)
async def test_what_is_no_json_is_400(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post(NOTES, content=body, headers=JSON)

    assert answer.status_code == 400
    assert problem(answer)["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("body", [b"[]", b"null", b'"fullText"', b"1", b"true"])
async def test_a_body_that_is_no_object_is_422(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post(NOTES, content=body, headers=JSON)

    assert answer.status_code == 422
    assert problem(answer)["data"] == {"formErrors": ["The body is not a JSON object"], "fieldErrors": {}}


async def test_every_fault_is_told_with_the_wire_name_of_its_field(http: httpx.AsyncClient) -> None:
    answer = await http.post(NOTES, json={"fullText": "x" * 21, "pageCount": "many", "full_text": "y"})

    fields = problem(answer)
    assert fields["code"] == "VALIDATION_ERROR"
    assert fields["data"]["formErrors"] == []
    assert fields["data"]["fieldErrors"].keys() == {"fullText", "pageCount", "full_text"}
    assert fields["data"]["fieldErrors"]["full_text"] == ["Nobody reads this field"]


async def test_a_scalar_of_the_query_given_twice_is_refused_not_chosen_from(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{NOTES}n1?withHistory=true&withHistory=false")

    assert answer.status_code == 422
    assert list(problem(answer)["data"]["fieldErrors"]) == ["withHistory"]


@pytest.mark.parametrize("query", ["onlyTags=%ff", "onlyTags=%c0%80", "&".join(["a=1"] * 101)])
async def test_a_query_that_cannot_be_decoded_is_400(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"{NOTES}n1?{query}")

    assert answer.status_code == 400


async def test_a_thousand_faults_are_told_as_a_hundred(http: httpx.AsyncClient) -> None:
    fields = {f"unknown{number}": 1 for number in range(1000)}

    answer = await http.post(NOTES, json=fields)

    assert len(problem(answer)["data"]["fieldErrors"]) == 100


async def test_a_raw_operation_reads_its_body_itself(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{NOTES}by/form", data={"fullText": "x"})

    assert answer.status_code == 303


SECRET = "s3cr3t-v4lue"
odd_values = st.recursive(
    st.sampled_from(
        [SECRET, SECRET + "\x00", None, True, -1, 2**80, 1e308, "", "2026-13-45", "\u202e" + SECRET]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([SECRET * 6, "a"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(
    body=st.dictionaries(
        st.sampled_from(["fullText", "dueAt", "pageCount", SECRET * 6, "<script>", "__proto__"]), odd_values
    )
)
async def test_bad_input_is_never_ours_and_never_echoed(body: dict[str, Any]) -> None:
    async with browsing(SERVICE.app) as http:
        answer = await http.post(NOTES, content=json.dumps(body), headers=JSON)

    assert answer.status_code in {201, 422, 400}
    assert answer.status_code == 201 or SECRET not in answer.text
    assert "<script>" not in answer.text


@given(body=st.binary(max_size=200))
async def test_bytes_of_any_kind_are_never_a_fault_of_ours(body: bytes) -> None:
    async with browsing(SERVICE.app) as http:
        answer = await http.post(NOTES, content=body, headers=JSON)

    assert answer.status_code in {400, 422}
