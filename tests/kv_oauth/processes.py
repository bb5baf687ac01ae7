"""Several processes on one store, a provider, and a test that tells each of them what to do."""

import multiprocessing
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import anyio.to_thread

from netscript_auth_core.ports import CallbackRequest, IssuedSession, SigninRequest
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_kv_oauth import KvOAuthBackend, providers
from netscript_auth_kv_oauth.grants.grants import Grants
from netscript_dev_provider import Client
from netscript_dev_provider.records import SignIn
from netscript_dev_provider.testing import DevProvider
from tests.kv_oauth.session_process import KEYS, MortalKvStore, Setup, SharedClock, open_backend, run
from tests.support.asgi_server import Gate, serving
from tests.support.ports import unused_port

CALLBACK = "http://127.0.0.1:1/callback"
PATIENCE = 120.0
_MODULE = "tests.kv_oauth.session_process"

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([_MODULE])


class ProcessDiedError(Exception):
    """The process has ended instead of answering."""


class SessionProcess:
    """One of the processes."""

    def __init__(self, setup: Setup) -> None:
        self._pipe, theirs = _context.Pipe()
        self._process = _context.Process(target=run, args=(theirs, setup), daemon=True)
        self._process.start()
        theirs.close()

    async def do(self, name: str, *arguments: object, **options: object) -> Any:
        """Have it do something, and return what came of it.

        Raises:
            ProcessDiedError: it was killed meanwhile.
        """
        with suppress(BrokenPipeError, ConnectionResetError):
            self._pipe.send((name, arguments, options))
            return await anyio.to_thread.run_sync(self._answer)
        raise ProcessDiedError

    def _answer(self) -> Any:
        if not self._pipe.poll(PATIENCE):
            raise TimeoutError
        try:
            return self._pipe.recv()
        except EOFError:
            raise ProcessDiedError from None

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self._process.kill()
        self._process.join(PATIENCE)

    def close(self) -> None:
        """Let it come to its end."""
        with suppress(BrokenPipeError, ConnectionResetError, EOFError):
            self._pipe.send(None)
            self._pipe.poll(PATIENCE)
        self._process.join(PATIENCE)
        self._process.kill()
        self._process.join(PATIENCE)
        self._pipe.close()
        self._process.close()


@dataclass
class Town:
    """Everything that runs.

    Attributes:
        store: As this process sees it.
        backend: Of this process, for signing in.
        gate: What passes between all of them and the provider.
        at_provider: What the provider knows of a sign-in, by the handle of its session.
    """

    setup: Setup
    clock: SharedClock
    store: MortalKvStore
    backend: KvOAuthBackend
    provider: DevProvider
    gate: Gate
    at_provider: dict[str, SignIn] = field(default_factory=dict[str, SignIn])
    started: list[SessionProcess] = field(default_factory=list[SessionProcess])

    def start(self) -> SessionProcess:
        """Start one more process."""
        self.started.append(SessionProcess(self.setup))
        return self.started[-1]

    async def sign_in(self) -> IssuedSession:
        """Sign alice in."""
        started = await self.backend.interactive.start(SigninRequest(None, "/"))
        back = await self.provider.sign_in(started.redirect_url)
        cookies = {started.cookie.flow_id: started.cookie.value}
        request = CallbackRequest(parse_qsl(urlsplit(back).query), flow_cookies=cookies)
        issued = (await self.backend.interactive.complete(request)).issued
        token = self.provider.provider.store.refresh_token(await self._refresh_token(issued.session.handle))
        assert token is not None
        self.at_provider[issued.session.handle] = token.sign_in
        return issued

    async def _refresh_token(self, handle: str) -> str:
        grants = Grants(self.store, KEYS, SealedIndex(self.store, KEYS, self.clock))
        entry = await grants.read(handle)
        assert entry is not None
        grant = grants.open(handle, entry.value)
        assert grant is not None
        return str(grant.refresh_token)

    @property
    def redemptions(self) -> int:
        """How often a refresh token was sent, by whomever."""
        return sum(b"grant_type=refresh_token" in body for body in self.gate.bodies)


@asynccontextmanager
async def open_town(store_url: str) -> AsyncGenerator[Town]:
    """Open a store that all processes share, over its URL, before a provider in this process."""
    seconds = _context.Value("d", time.time())
    clock, port, secret = SharedClock(seconds), unused_port(), secrets.token_urlsafe(32)
    issuer = f"http://localhost:{port}"
    config = providers.oidc(
        issuer=issuer,
        client_id="town",
        client_secret=secret,
        redirect_uri=CALLBACK,
        scopes=("openid", "email", "profile", "offline_access"),
    )
    idp = DevProvider(issuer, Client("town", secret, (CALLBACK,)), clock=clock.now)
    setup = Setup(store_url, config, seconds)
    async with serving(idp.app, port) as gate:
        store, backend = await open_backend(setup)
        town = Town(setup, clock, store, backend, idp, gate)
        try:
            yield town
        finally:
            for process in town.started:
                await anyio.to_thread.run_sync(process.close)
            await backend.aclose()
            await store.aclose()
