"""What an operator sees of auth-api while it runs: metrics of all its workers, and traces."""

import json
import signal
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.auth_api_process import API, SERVE, make_key, run_auth_api
from tests.support.collector import METRICS_TOKEN, Collector, run_collector
from tests.support.ports import unused_port
from tests.support.site import Site, sign_in

pytestmark = pytest.mark.slow

READER = {"authorization": f"Bearer {METRICS_TOKEN}"}


def sum_of(page: str, name: str, **labels: str) -> float:
    """Every sample of this name with these labels, added up."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_the_metrics_of_all_workers_are_read_at_whichever_answers(tmp_path: Path) -> None:
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_AUTH_BACKEND": "kv-oauth",
        "NETSCRIPT_AUTH_ISSUER": "http://localhost:1",
        "NETSCRIPT_AUTH_CLIENT_ID": "app",
        "NETSCRIPT_AUTH_CLIENT_SECRET": "a-secret-of-this-test",
        "NETSCRIPT_AUTH_KEYS": make_key(),
        "NETSCRIPT_METRICS_TOKEN": METRICS_TOKEN,
    }
    port, asked = unused_port(), 40
    with run_auth_api(environment, port, tmp_path, (*SERVE, "--workers", "2")):
        for _ in range(asked):
            # Each by a connection of its own, so that both workers get some.
            answer = httpx.get(f"http://localhost:{port}{API}/session")
            assert answer.is_success
        pages = [httpx.get(f"http://127.0.0.1:{port}/metrics", headers=READER).text for _ in range(4)]

    requests = "http_server_request_duration_seconds_count"
    counted = [sum_of(page, requests, http_route=f"{API}/session") for page in pages]
    assert counted == [asked] * len(pages)
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
    async with httpx.AsyncClient(headers=READER) as prometheus:
        page = (await prometheus.get(f"http://127.0.0.1:{production_site.port}/metrics")).text
    api = production_site.api
    name, trace_id = f"GET {API}/callback", refused.json()["trace_id"]
    api.wait_until(lambda: trace_id in {span.trace_id.hex() for span in collector.spans}, "spans have come")

    callbacks = [span for span in collector.spans if span.name == name]
    asked = [span for span in collector.spans if span.parent_span_id in {each.span_id for each in callbacks}]
    lines = [json.loads(line) for line in api.stdout.splitlines()]

    assert {attribute.key for span in asked for attribute in span.attributes} == {
        "http.request.method",
        "server.address",
    }
    assert {span.trace_id.hex() for span in callbacks} <= {line.get("trace_id") for line in lines}
    assert trace_id in {span.trace_id.hex() for span in callbacks}
    assert sum_of(page, "netscript_auth_events_total", event="auth.oidc.completed") >= 1
    assert sum_of(page, "netscript_auth_events_total", event="auth.signin.failed") >= 1


@pytest.mark.full
def test_a_collector_that_is_away_keeps_nobody_waiting(tmp_path: Path) -> None:
    with run_collector() as collector:
        address = collector.address
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_AUTH_BACKEND": "kv-oauth",
        "NETSCRIPT_AUTH_ISSUER": "http://localhost:1",
        "NETSCRIPT_AUTH_CLIENT_ID": "app",
        "NETSCRIPT_AUTH_CLIENT_SECRET": "a-secret-of-this-test",
        "NETSCRIPT_AUTH_KEYS": make_key(),
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
    }
    port = unused_port()
    with run_auth_api(environment, port, tmp_path) as api:
        answers = [httpx.get(f"http://localhost:{port}{API}/session") for _ in range(3)]
        api.signal_main(signal.SIGTERM)
        exit_code = api.wait()

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert exit_code == 0
