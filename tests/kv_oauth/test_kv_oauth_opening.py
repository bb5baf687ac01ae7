"""The backend as an application makes it."""

import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta

import pytest

from netscript_auth_core.backends import check_capabilities
from netscript_auth_core.domain import Device, ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Authenticated, AuthRequest
from netscript_auth_core.testing import RecordedEvents
from netscript_auth_kv_oauth import create_kv_oauth_backend, providers
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.kv.memory import MemoryKvStore
from tests.kv_oauth.pretend import KEYS

CALLBACK = "https://auth.acme.example/callback"
GOOGLE = providers.google(client_id="an-id", client_secret="a-secret", redirect_uri=CALLBACK)
SOMEBODY = ExternalIdentity(issuer="https://accounts.google.com", subject="s", provider_id="google")


async def test_one_line_is_a_backend(caplog: pytest.LogCaptureFixture) -> None:
    backend = create_kv_oauth_backend(GOOGLE)

    check_capabilities(backend)
    await backend.start()
    issued = await backend.sessions.create(SOMEBODY, Device())
    outcome = await backend.authenticate(AuthRequest((issued.token,)))
    assert isinstance(outcome, Authenticated)
    assert "no keys were given" in caplog.text
    await backend.aclose()


async def test_a_store_of_its_own_ends_with_the_backend_and_another_does_not() -> None:
    own = create_kv_oauth_backend(GOOGLE, keys=KEYS)
    store = MemoryKvStore(SystemClock())
    other = create_kv_oauth_backend(GOOGLE, keys=KEYS, store=store)

    await own.aclose()
    await other.aclose()

    with pytest.raises(BackendUnavailableError):
        await own.check_health()
    await store.check_health()


async def test_what_is_handed_in_is_used_even_if_it_counts_as_nothing() -> None:
    class Empty(MemoryKvStore):
        def __len__(self) -> int:
            return 0

    class Silent(RecordedEvents):
        def __len__(self) -> int:
            return 0

    store, events = Empty(SystemClock()), Silent()
    backend = create_kv_oauth_backend(GOOGLE, keys=KEYS, store=store, events=events)
    before = await backend.sessions.create(SOMEBODY, Device())

    await backend.sessions.begin(SOMEBODY, Device(), None, [before.session.handle])

    assert await store.get(session_key(before.session.handle)) is not None
    assert [event.reason for event in events.taken] == ["replaced"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": ""}, "google.client_id: is not set"),
        ({"client_secret": None}, "google.client_secret: is not set"),
        ({"redirect_uri": "http://auth.acme.example/callback"}, "google.redirect_uri: is a plain http URL"),
        ({"issuer": "https://evil.example"}, "google.issuer: is fixed for Google"),
        ({"id": "Google!"}, "Google!.id: is not 1 to 32"),
        ({"scopes": ("email",)}, "google.scopes: lacks openid"),
    ],
)
def test_what_cannot_work_is_refused_at_once(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create_kv_oauth_backend(replace(GOOGLE, **changes))  # type: ignore[arg-type]  # one field at a time

    assert words in str(refusal.value)
    assert "a-secret" not in str(refusal.value)


@pytest.mark.parametrize("count", [0, 2])
def test_providers_are_at_least_one_and_told_apart(count: int) -> None:
    with pytest.raises(ConfigurationError, match="different ids"):
        create_kv_oauth_backend([GOOGLE] * count)


@pytest.mark.parametrize("idle", [timedelta(0), timedelta(days=8)])
def test_an_idle_limit_is_within_the_life(idle: timedelta) -> None:
    with pytest.raises(ConfigurationError, match="session_idle_ttl"):
        create_kv_oauth_backend(GOOGLE, session_idle_ttl=idle)


@pytest.mark.parametrize("most", [0, -1, 501])
def test_a_person_may_have_one_session_and_not_without_end(most: int) -> None:
    with pytest.raises(ConfigurationError, match="sessions_per_user: is not between 1 and 500"):
        create_kv_oauth_backend(GOOGLE, sessions_per_user=most)


@pytest.mark.parametrize("life", [timedelta(days=400, microseconds=1), timedelta.max])
def test_a_life_beyond_that_of_a_cookie_is_refused(life: timedelta) -> None:
    with pytest.raises(ConfigurationError, match="session_ttl: is more than 400 days"):
        create_kv_oauth_backend(GOOGLE, session_ttl=life)


async def test_the_longest_life_makes_a_session() -> None:
    backend = create_kv_oauth_backend(GOOGLE, keys=KEYS, session_ttl=timedelta(days=400))

    issued = await backend.sessions.create(SOMEBODY, Device())

    assert issued.session.expires_at - issued.session.created_at == timedelta(days=400)
    await backend.aclose()


def test_a_check_needs_none_of_what_a_sign_in_needs() -> None:
    program = textwrap.dedent("""
        import asyncio, sys
        from netscript_auth_core.ports import AuthRequest
        from netscript_auth_kv_oauth import create_kv_oauth_backend, providers

        async def main():
            provider = providers.google(client_id="a", client_secret="b", redirect_uri="https://a.example/callback")
            backend = create_kv_oauth_backend(provider)
            await backend.start()
            await backend.authenticate(AuthRequest(("x" * 43,)))
            await backend.aclose()

        asyncio.run(main())
        print([name for name in ("httpx", "authlib", "joserfc") if name in sys.modules])
    """)

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"
