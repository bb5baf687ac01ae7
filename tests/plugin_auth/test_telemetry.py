"""Metrics, traces and the declared lag: the start says what is missing for what an operator asks for."""

import sys
from datetime import timedelta

import pytest

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.memory import MemoryAuthBackend, definition
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.telemetry.metrics import Metrics
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.opening import open_parts
from netscript_plugin_auth.telemetry.counts import AuthCounts

DEVELOPMENT = {
    "NETSCRIPT_PROFILE": "development",
    "NETSCRIPT_AUTH_BACKEND": "memory",
    "NETSCRIPT_KV_URL": "memory://",
}
DEFINITIONS = {"memory": definition}
TOKEN = {"NETSCRIPT_METRICS_TOKEN": "prometheus-reads-with-this"}
LAGS = Capabilities(frozenset(Capability), revocation_lag=timedelta(minutes=5))


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it an installation without what the extra brings."""
    for library in ("prometheus_client", "opentelemetry"):
        monkeypatch.setitem(sys.modules, library, None)


@pytest.mark.usefixtures("without_extras")
@pytest.mark.parametrize(
    "asked",
    [
        TOKEN,
        {"OTEL_TRACES_EXPORTER": "otlp"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"},
    ],
)
def test_what_is_not_installed_is_told_with_the_variable_that_asks_for_it(
    asked: dict[str, str],
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({**DEVELOPMENT, **asked}, DEFINITIONS)

    (fault,) = refused.value.faults
    assert fault.variable in asked
    assert "scripts/lib/production.sh FOLDER telemetry" in fault.fix


@pytest.mark.usefixtures("without_extras")
def test_who_asks_for_nothing_needs_nothing() -> None:
    configuration = read_configuration({**DEVELOPMENT, "OTEL_SERVICE_NAME": "auth"}, DEFINITIONS)

    assert not configuration.telemetry.is_on


@pytest.mark.parametrize("token", ["short", "with a blank in its middle", "ümlauts-are-no-header-value"])
def test_a_token_that_no_header_carries_or_anybody_guesses_is_refused(token: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({**DEVELOPMENT, "NETSCRIPT_METRICS_TOKEN": token}, DEFINITIONS)

    assert [fault.variable for fault in refused.value.faults] == ["NETSCRIPT_METRICS_TOKEN"]
    assert token not in str(refused.value)


@pytest.mark.parametrize(("most", "is_refused"), [("0s", True), ("299s", True), ("5m", False), ("1h", False)])
async def test_a_backend_that_answers_revoked_sessions_for_too_long_does_not_start(
    most: str, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryAuthBackend, "capabilities", LAGS)
    configuration = read_configuration(
        {**DEVELOPMENT, "NETSCRIPT_AUTH_MAX_REVOCATION_LAG": most}, DEFINITIONS
    )

    faults: tuple[str, ...] = ()
    try:
        parts = await open_parts(configuration)
    except ConfigurationError as error:
        faults = tuple(f"{fault.variable} {fault.problem}" for fault in error.faults)
    else:
        await parts.aclose()

    told = "NETSCRIPT_AUTH_MAX_REVOCATION_LAG is less than the 300 s for which memory"
    assert [fault[: len(told)] for fault in faults] == ([told] if is_refused else [])


def test_who_listens_to_revocations_is_counted() -> None:
    metrics = Metrics("prometheus-reads-with-this")
    counts = AuthCounts(metrics)

    counts.listeners(2)
    counts.listeners(1)

    assert b"\nnetscript_auth_revocation_listeners 1.0\n" in metrics.page()
