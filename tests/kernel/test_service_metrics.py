"""Metrics: what a service counts, on both chains alike, and who may read it."""

import os
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Scope

from netscript_kernel.service.hot import HotAnswer, HotRoute
from netscript_kernel.telemetry.metrics import Metrics
from netscript_kernel.telemetry.shared import SHARED_FOLDER, shared_metrics
from tests.kernel.sample_service import browsing, sample_service

TOKEN = "prometheus-reads-with-this"  # of this test alone
READER = {"authorization": f"Bearer {TOKEN}"}
DURATION = "http_server_request_duration_seconds_count"


async def hot(scope: Scope) -> HotAnswer:
    return HotAnswer(200, (), b"{}")


def counts_of(page: str) -> dict[tuple[str, str, str], float]:
    """How many requests were counted, by method, route and status."""
    return {
        (
            sample.labels["http_request_method"],
            sample.labels["http_route"],
            sample.labels["http_response_status_code"],
        ): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == DURATION
    }


async def test_requests_are_counted_by_the_template_of_their_route_on_both_chains() -> None:
    service = sample_service(hot_routes=[HotRoute("GET", "/hot", hot)], metrics=Metrics(TOKEN))
    async with browsing(service.app) as http:
        for path in ("/api/v1/notes/n1", "/api/v1/notes/n2", "/nowhere/a-secret", "/hot", "/hot"):
            await http.get(path)
        await http.request("BREW", "/nowhere")

        page = await http.get("/metrics", headers=READER)

    assert counts_of(page.text) == {
        ("GET", "/api/v1/notes/{noteId}", "200"): 2,
        ("GET", "", "404"): 1,
        ("GET", "/hot", "200"): 2,
        ("_OTHER", "", "404"): 1,
    }
    assert "a-secret" not in page.text


def test_a_gauge_goes_up_and_down() -> None:
    metrics = Metrics(TOKEN)
    gauge = metrics.gauge("listeners", "How many listen.")

    gauge.set(3)
    gauge.set(1)

    assert b"\nlisteners 1.0\n" in metrics.page()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Basic {TOKEN}"},
    ],
)
async def test_nobody_reads_them_without_the_token(headers: dict[str, str]) -> None:
    async with browsing(sample_service(metrics=Metrics(TOKEN)).app) as http:
        answer = await http.get("/metrics", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "http_server" not in answer.text


async def test_prometheus_asks_by_address() -> None:
    async with browsing(sample_service(metrics=Metrics(TOKEN)).app) as http:
        answer = await http.get("/metrics", headers={**READER, "host": "10.1.2.3:8094"})

    assert answer.status_code == 200


async def test_without_metrics_there_is_nothing_to_read() -> None:
    async with browsing(sample_service().app) as http:
        answer = await http.get("/metrics", headers=READER)

    assert answer.status_code == 404


COUNTING = """
import sys
from netscript_kernel.telemetry.metrics import Metrics
metrics = Metrics("prometheus-reads-with-this")
for _ in range(int(sys.argv[1])):
    metrics.answered("GET", "/hot", 200, 0.001)
sys.stdout.write(metrics.page().decode())
"""


def test_processes_that_share_the_work_are_added_up() -> None:
    with shared_metrics():
        pages = [
            subprocess.run(
                [sys.executable, "-c", COUNTING, times], capture_output=True, text=True, check=True
            )
            for times in ("2", "3")
        ]

    assert counts_of(pages[0].stdout) == {("GET", "/hot", "200"): 2}
    assert counts_of(pages[1].stdout) == {("GET", "/hot", "200"): 5}


def test_a_folder_that_the_operator_named_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = str(tmp_path_factory.mktemp("shared"))
    monkeypatch.setenv(SHARED_FOLDER, folder)
    with shared_metrics():
        within = os.environ[SHARED_FOLDER]

    assert (within, os.environ[SHARED_FOLDER]) == (folder, folder)
