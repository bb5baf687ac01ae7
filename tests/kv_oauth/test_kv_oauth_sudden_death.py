"""What was handed out before a process died counts after it."""

import signal
import sys
import textwrap
from pathlib import Path

import anyio

from netscript_auth_core.ports import Authenticated, AuthRequest
from netscript_auth_kv_oauth import create_kv_oauth_backend
from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.sqlite import open_sqlite_store
from tests.kv_oauth.pretend import KEYS, pretend_config


async def test_a_session_that_was_handed_out_survives_the_death_of_the_process(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import asyncio, os, pathlib, signal
        from netscript_auth_core.domain import Device, ExternalIdentity
        from netscript_auth_kv_oauth import create_kv_oauth_backend, providers
        from netscript_kernel.clock import SystemClock
        from netscript_kernel.kv.sqlite import open_sqlite_store

        async def main():
            store = await open_sqlite_store(pathlib.Path({str(tmp_path / "auth.db")!r}), SystemClock())
            provider = providers.google(client_id="a", client_secret="b", redirect_uri="https://a.example/callback")
            backend = create_kv_oauth_backend(provider, store=store)
            somebody = ExternalIdentity(issuer="https://idp.example", subject="s", provider_id="google")
            print((await backend.sessions.create(somebody, Device())).token, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """)

    ran = await anyio.run_process([sys.executable, "-c", program], check=False)

    assert ran.returncode == -signal.SIGKILL
    store = await open_sqlite_store(tmp_path / "auth.db", SystemClock())
    backend = create_kv_oauth_backend(pretend_config(), store=store, keys=KEYS)
    outcome = await backend.authenticate(AuthRequest((ran.stdout.decode().strip(),)))
    assert isinstance(outcome, Authenticated)
    await backend.aclose()
    await store.aclose()
