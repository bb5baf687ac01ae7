"""The kit that proves an adapter. Needs the extra ``testing``.

Five lines of an adapter's tests::

    class TestAcmeBackend(AuthBackendConformance):
        @pytest.fixture
        async def subject(self) -> AsyncIterator[BackendUnderTest]:
            async with open_acme_for_tests() as subject:
                yield subject

Or without a line::

    pytest --pyargs netscript_auth_core.testing.suite --auth-backend acme.testing:open_acme_for_tests

``netscript_auth_core.testing.memory_subject`` shows what such a function gives.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netscript_auth_core.testing.backend_under_test import BackendUnderTest
    from netscript_auth_core.testing.conformance import AuthBackendConformance
    from netscript_auth_core.testing.credentials import usual_credentials
    from netscript_auth_core.testing.identity_provider import IdentityProvider, LogoutTokens, RefreshPause
    from netscript_auth_core.testing.recorded_events import RecordedEvents
    from netscript_auth_core.testing.store_outage import InterruptibleKvStore

# Loaded when they are asked for: pytest imports this package at every start, for the plugin in it.
_HOMES = {
    "AuthBackendConformance": "conformance",
    "BackendUnderTest": "backend_under_test",
    "IdentityProvider": "identity_provider",
    "InterruptibleKvStore": "store_outage",
    "LogoutTokens": "identity_provider",
    "RecordedEvents": "recorded_events",
    "RefreshPause": "identity_provider",
    "usual_credentials": "credentials",
}

__all__ = [
    "AuthBackendConformance",
    "BackendUnderTest",
    "IdentityProvider",
    "InterruptibleKvStore",
    "LogoutTokens",
    "RecordedEvents",
    "RefreshPause",
    "usual_credentials",
]


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
