"""What an operator sees of auth-api while it runs: metrics of all its workers, and traces."""

import json
import os
import re
import signal
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.auth_api_process import API, SERVE, make_key, run_auth_api
from tests.support.collector import METRICS_TOKEN, Collector, run_collector
from tests.support.loopback import PATIENCE_SECONDS, loopback_client
from tests.support.ports import unused_port
from tests.support.program import Program
from tests.support.site import Site, sign_in

pytestmark = pytest.mark.slow

SERVICE = {
    "NETSCRIPT_PROFILE": "development",
    "NETSCRIPT_AUTH_BACKEND": "kv-oauth",
    "NETSCRIPT_AUTH_ISSUER": "http://localhost:1",
    "NETSCRIPT_AUTH_CLIENT_ID": "app",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "a-secret-of-this-test",
    "NETSCRIPT_AUTH_KEYS": make_key(),
}
COMPLETED = "auth.oidc.completed"
REQUESTS = "http_server_request_duration_seconds_count"
READER = {"authorization": f"Bearer {METRICS_TOKEN}"}


def sum_of(page: str, name: str, **labels: str) -> float:
    """Every sample of this name with these labels, added up."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def _asked_often(port: int, times: int) -> list[httpx.Response]:
    # Each by a connection of its own, so that all workers get some.
    with httpx.Client(headers={"connection": "close"}, timeout=PATIENCE_SECONDS) as http:
        return [http.get(f"http://localhost:{port}{API}/session") for _ in range(times)]


def _counted(page: str) -> float:
    return sum_of(page, REQUESTS, http_route=f"{API}/session")


def _read_metrics(port: int) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}/metrics", headers=READER, timeout=PATIENCE_SECONDS)


def _workers(api: Program) -> list[int]:
    """Return the processes that were started to answer, dead ones as well, in their order."""
    return [int(number) for number in re.findall(r"Spawning worker-\d+ with PID: (\d+)", api.stdout)]


def test_the_metrics_of_all_workers_are_read_at_whichever_answers(tmp_path: Path) -> None:
    environment = {
        **SERVICE,
        "NETSCRIPT_METRICS_TOKEN": METRICS_TOKEN,
    }
    port, asked = unused_port(), 40
    with run_auth_api(environment, port, tmp_path, (*SERVE, "--workers", "2")) as api:
        assert all(answer.is_success for answer in _asked_often(port, asked))
        # A worker answers, and counts then.
        api.wait_until(lambda: _counted(_read_metrics(port).text) >= asked, "the last one is counted")
        pages = [_read_metrics(port).text for _ in range(4)]

    assert [_counted(page) for page in pages] == [asked] * len(pages)
    assert sum_of(pages[0], "netscript_auth_checks_total", outcome="anonymous", reason="no_session") == asked


@pytest.mark.peer
async def test_a_sign_in_can_be_followed_through_traces_log_and_metrics(
    production_site: Site, collector: Collector
) -> None:
    async with production_site.client() as alice:
        await sign_in(alice, production_site.provider)
        refused = await alice.get(
            f"{API}/callback?state=a-state-that-nobody-began", headers={"accept": "application/json"}
        )
    async with loopback_client(headers=READER) as prometheus:
        page = (await prometheus.get(f"http://127.0.0.1:{production_site.port}/metrics")).text
    api, name = production_site.api, f"GET {API}/callback"
    # Others have used the same site: their spans may come at any time.
    completed = [each["trace_id"] for each in map(json.loads, api.lines) if each["event"] == COMPLETED][-1]
    traces = {completed, refused.json()["trace_id"]}
    api.wait_until(lambda: traces <= {span.trace_id.hex() for span in collector.spans}, "spans have come")

    callbacks = [span for span in collector.spans if span.name == name and span.trace_id.hex() in traces]
    asked = [span for span in collector.spans if span.parent_span_id in {each.span_id for each in callbacks}]

    assert {span.trace_id.hex() for span in callbacks} == traces
    assert {attribute.key for span in asked for attribute in span.attributes} == {
        "http.request.method",
        "server.address",
    }
    assert sum_of(page, "netscript_auth_events_total", event=COMPLETED) >= 1
    assert sum_of(page, "netscript_auth_events_total", event="auth.signin.failed") >= 1


@pytest.mark.full
def test_when_workers_are_killed_counts_stay_right_to_the_end_and_no_file_is_left(
    tmp_path: Path,
) -> None:
    """The service ends as a whole then, with code 1: whoever started it starts it anew, and counts from 0."""
    port, asked = unused_port(), 20
    environment = {**SERVICE, "NETSCRIPT_METRICS_TOKEN": METRICS_TOKEN, "TMPDIR": str(tmp_path)}
    with run_auth_api(environment, port, tmp_path, (*SERVE, "--workers", "3")) as api:
        answers = _asked_often(port, asked)
        api.wait_until(lambda: _counted(_read_metrics(port).text) >= asked, "the last one is counted")
        pages = [_read_metrics(port)]
        shared = list(tmp_path.glob("netscript-metrics-*"))
        for worker in _workers(api)[:2]:
            os.kill(worker, signal.SIGKILL)

        while api.exit_code is None:
            with suppress(httpx.TransportError):  # nobody is there: no answer, and no wrong one
                pages.append(_read_metrics(port))
        exit_code = api.wait()
        api.wait_until_gone()

    counted = {_counted(page.text) for page in pages}
    assert {answer.status_code for answer in (*answers, *pages)} == {httpx.codes.OK}
    assert counted == {asked}
    assert len(shared) == 1
    assert list(tmp_path.glob("netscript-metrics-*")) == []
    assert exit_code == 1


def test_the_trace_of_a_trusted_proxy_goes_on_and_that_of_anybody_else_does_not(tmp_path: Path) -> None:
    """Both come from this machine, by addresses of their own."""
    port, theirs, hidden = unused_port(), "ab" * 16, "ef" * 16
    with run_collector() as collector:
        environment = {
            **SERVICE,
            "NETSCRIPT_AUTH_TRUSTED_PROXIES": "127.0.0.2",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        }
        with run_auth_api(environment, port, tmp_path) as api:
            for address, caller in (
                ("127.0.0.2", f"00-{theirs}-{'cd' * 8}-01"),
                ("127.0.0.1", f"00-{theirs}-{'cd' * 8}-01"),
                ("127.0.0.1", f"00-{hidden}-{'cd' * 8}-00"),  # wishes not to be seen
            ):
                with httpx.Client(
                    transport=httpx.HTTPTransport(local_address=address), timeout=PATIENCE_SECONDS
                ) as client:
                    asking = {"host": f"localhost:{port}", "traceparent": caller}
                    answer = client.get(f"http://127.0.0.1:{port}{API}/session", headers=asking)
                    assert answer.is_success, answer.text
            api.signal_main(signal.SIGTERM)  # sends what has not been sent
            assert api.wait() == 0

        spans = [span for span in collector.spans if span.name == f"GET {API}/session"]

    traces = [span.trace_id.hex() for span in spans]
    linked = [link.trace_id.hex() for span in spans for link in span.links]
    assert (len(spans), traces.count(theirs), traces.count(hidden)) == (3, 1, 0)
    assert linked == [theirs, hidden]


@pytest.mark.full
def test_a_collector_that_is_away_keeps_nobody_waiting(tmp_path: Path) -> None:
    with run_collector() as collector:
        address = collector.address
    environment = {
        **SERVICE,
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
    }
    port = unused_port()
    with run_auth_api(environment, port, tmp_path) as api:
        answers = [httpx.get(f"http://localhost:{port}{API}/session") for _ in range(3)]
        api.signal_main(signal.SIGTERM)
        exit_code = api.wait()

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert exit_code == 0
