"""Two whole systems for all tests."""

from collections.abc import Iterator

import pytest

from tests.support.site import Site
from tests.support.sites import run_development_site, run_production_site


@pytest.fixture(scope="session")
def development_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Plain HTTP, the development profile, the development provider."""
    with run_development_site(tmp_path_factory.mktemp("development")) as site:
        yield site


@pytest.fixture(scope="session")
def production_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The production profile, TLS, and a provider that shares no code with ours."""
    with run_production_site(tmp_path_factory.mktemp("production")) as site:
        yield site
