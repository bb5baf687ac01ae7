"""Logs are structured, name the request, and hold no secret."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from netscript_kernel.request_context import REQUEST_ID, TRACE_IDS, TraceIds
from netscript_kernel.service.logs import configure_logging
from netscript_kernel.service.redaction import REDACTED, mask_text, redact

SECRET = "s3cr3t-v4lue"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where logs go; the process's own logging comes back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_third_parties_records_come_out_in_the_same_form(stream: io.StringIO) -> None:
    configure_logging("production", stream)

    logging.getLogger("somebody").warning("lost %d of %d", 1, 2)
    logging.getLogger("ours").info("request", extra={"status": 200})
    structlog.get_logger("theirs").info("event", part="x")

    first, second, third = entries(stream)
    assert (first["event"], first["level"], first["logger"]) == ("lost 1 of 2", "warning", "somebody")
    assert (second["event"], second["status"]) == ("request", 200)
    assert (third["event"], third["part"]) == ("event", "x")
    assert first["timestamp"].endswith("Z")


def test_entries_name_the_request_and_the_trace(stream: io.StringIO) -> None:
    configure_logging("production", stream)
    request, trace = REQUEST_ID.set("abcd-1234"), TRACE_IDS.set(TraceIds("ab" * 16, "00"))

    logging.getLogger("ours").info("inside")
    REQUEST_ID.reset(request)
    TRACE_IDS.reset(trace)
    logging.getLogger("ours").info("outside")

    inside, outside = entries(stream)
    assert (inside["request_id"], inside["trace_id"]) == ("abcd-1234", "ab" * 16)
    assert "request_id" not in outside


@pytest.mark.parametrize("profile", ["production", "development"])
def test_no_secret_is_written_in_any_way_of_logging(profile: Any, stream: io.StringIO) -> None:
    configure_logging(profile, stream)
    log = logging.getLogger("ours")

    log.info("GET https://app.example/callback?code=%s&state=x", SECRET)
    log.info("sent", extra={"headers": {"Authorization": f"Bearer {SECRET}", "Set-Cookie": SECRET}})
    log.info("deep", extra={"a": [{"b": {"refresh_token": SECRET}}], "raw": SECRET.encode()})
    structlog.get_logger().warning(
        "theirs", client_secret=SECRET, url=f"https://u:{SECRET}@host/#id_token={SECRET}"
    )
    try:
        raise ValueError(f"GET /callback?code={SECRET} failed")
    except ValueError:
        log.exception("failed with Bearer %s", SECRET * 2)

    assert SECRET not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_http_libraries_do_not_log_whole_urls(stream: io.StringIO) -> None:
    configure_logging("production", stream)

    logging.getLogger("httpx").info("HTTP Request: GET https://idp.example/token")
    logging.getLogger("httpcore.http11").debug("send_request_headers")

    assert entries(stream) == []


def test_development_lines_are_readable_and_uncoloured_off_a_terminal(stream: io.StringIO) -> None:
    configure_logging("development", stream)

    logging.getLogger("ours").info("request", extra={"status": 200})

    assert "request" in stream.getvalue()
    assert "status=200" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_configuring_twice_writes_once(stream: io.StringIO) -> None:
    configure_logging("production", stream)
    configure_logging("production", stream)

    logging.getLogger("ours").info("once")

    assert len(entries(stream)) == 1


def test_a_stream_that_breaks_does_not_bring_the_record_out(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("production", stream)
    stream.close()

    logging.getLogger("ours").info("token", extra={"token": SECRET})

    written = capsys.readouterr().err
    assert "could not be written" in written
    assert SECRET not in written


def test_importing_a_service_leaves_logging_alone() -> None:
    program = (
        "import logging; import netscript_kernel.service.builder, netscript_kernel.client;"
        "assert not logging.getLogger().handlers; assert logging.getLogger().level == logging.WARNING"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "name",
    [
        "token", "secret", "password", "authorization", "cookie", "set-cookie", "Set-Cookie", "code", "state",
        "code_verifier", "id_token", "access_token", "refresh_token", "client_secret", "SESSION_TOKEN",
        "new_password",
    ],
)  # fmt: skip
def test_fields_with_a_secret_s_name_are_masked(name: str) -> None:
    masked = redact(None, "", {name: SECRET, "inner": {name: [SECRET]}, "event": "x"})

    assert masked == {name: REDACTED, "inner": {name: REDACTED}, "event": "x"}


@pytest.mark.parametrize("name", ["status_code", "problem", "token_count", "route", "ms", "encoded"])
def test_other_fields_are_left_alone(name: str) -> None:
    assert redact(None, "", {name: "plain", "n": None}) == {name: "plain", "n": None}


@pytest.mark.parametrize(
    "text",
    [
        "what? a=b",
        "is it so?",
        "a#b",
        "1 + 1 = 2",
        "basic rules apply",
        "https://app.example/x#top",
        "bearer of news",
    ],
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert mask_text(text) == text


@given(
    before=st.text(max_size=20),
    path=st.from_regex(r"/[a-z/]{0,10}", fullmatch=True),
    mark=st.sampled_from("?#"),
)
def test_a_query_or_fragment_of_a_url_is_always_masked(before: str, path: str, mark: str) -> None:
    text = f"{before} https://app.example{path}{mark}code={SECRET}&x=1 done"

    assert SECRET not in mask_text(text)


@given(
    value=st.recursive(
        st.just({"token": SECRET}), lambda inner: st.lists(inner) | st.fixed_dictionaries({"a": inner})
    )
)
def test_a_secret_is_found_however_deep_it_lies(value: Any) -> None:
    assert SECRET not in repr(redact(None, "", {"field": value}))
