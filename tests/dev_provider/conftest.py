"""A provider with one confidential and one public client, and relying parties for both."""

from datetime import UTC, datetime

import pytest

from netscript_dev_provider import Client, ProviderConfig
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from tests.dev_provider.relying_party import ISSUER, REDIRECT_URI, SIGNED_OUT_URI, RelyingParty

CLIENTS = (
    Client("app", "s3cret", (REDIRECT_URI, f"{REDIRECT_URI}?tenant=one"), (SIGNED_OUT_URI,)),
    Client("public-app", None, (REDIRECT_URI,)),
)


class Naps:
    """A sleep that takes no time and remembers how long it would have taken."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def idp(clock: SettableClock, naps: Naps) -> DevProvider:
    return DevProvider(config=ProviderConfig(ISSUER, CLIENTS), clock=clock.now, sleep=naps)


@pytest.fixture
def app(idp: DevProvider) -> RelyingParty:
    return RelyingParty(idp)


@pytest.fixture
def public_app(idp: DevProvider) -> RelyingParty:
    return RelyingParty(idp, client_id="public-app", client_secret=None)
