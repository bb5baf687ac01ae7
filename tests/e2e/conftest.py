"""Two whole systems for all tests."""

from collections.abc import Iterator

import pytest

from tests.support.collector import METRICS_TOKEN, Collector, run_collector
from tests.support.site import Site
from tests.support.sites import run_development_site, run_production_site


@pytest.fixture(scope="session")
def development_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Plain HTTP, the development profile, the development provider."""
    with run_development_site(tmp_path_factory.mktemp("development")) as site:
        yield site


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the production site sends its traces."""
    with run_collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def production_site(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Site]:
    """The production profile, TLS, metrics and traces, and a provider that shares no code with ours."""
    watched = {
        "NETSCRIPT_METRICS_TOKEN": METRICS_TOKEN,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        "OTEL_BSP_SCHEDULE_DELAY": "100",  # milliseconds
    }
    with run_production_site(tmp_path_factory.mktemp("production"), more=watched) as site:
        yield site
