"""What ``netscript auth doctor`` looks at for this backend: the server, and the secret it shares with us."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from netscript_auth_better_auth.configuration.server_config import ServerConfig
from netscript_auth_better_auth.configuration.settings import BetterAuthSettings, Mode
from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_better_auth.server.server_client import ServerClient
from netscript_auth_better_auth.server.server_http import ServerHttp
from netscript_auth_better_auth.tokens.token_keys import ALGORITHMS, fetch_keys
from netscript_auth_core.checks import Check, CheckContext, Finding, Severity
from netscript_auth_core.errors import BackendUnavailableError

# Below this better-auth itself warns of its secret.
_SHORTEST: Final = 32
_URL: Final = BetterAuthSettings.variable("url")
_ISSUER: Final = BetterAuthSettings.variable("issuer")
_SECRET: Final = BetterAuthSettings.variable("secret")


def server_checks(settings: BetterAuthSettings, context: CheckContext) -> Sequence[Check]:
    """Return the checks of the server that is configured."""
    config = settings.server_config(is_production=context.is_production)
    checks = [
        Check(f"{BACKEND}.server", partial(_server, config)),
        Check(f"{BACKEND}.secret", partial(_secret, config, settings.mode)),
    ]
    if settings.mode is Mode.REMOTE:
        return [*checks, Check(f"{BACKEND}.sessions", partial(_sessions, config))]
    return [
        *checks,
        Check(f"{BACKEND}.keys", partial(_keys, config)),
        Check(f"{BACKEND}.issuer", partial(_issuer, config)),
    ]


async def _server(config: ServerConfig) -> Sequence[Finding]:
    async with _asking(config) as server:
        try:
            await server.check()
        except BackendUnavailableError as error:
            fix = f"see that it runs, and that {_URL} is its own address, reached from this machine"
            return (Finding(Severity.ERROR, error.problem, fix),)
    return ()


async def _sessions(config: ServerConfig) -> Sequence[Finding]:
    """Ask as somebody without a session: the server has to say that nobody is there."""
    async with _asking(config) as server:
        try:
            answer = await server.get_session({}, rolls=False)
        except BackendUnavailableError as error:
            fix = f"see that {_URL} has the basePath of the server, and that its /get-session is open to us"
            return (Finding(Severity.ERROR, error.problem, fix),)
    if answer.is_null:
        return ()
    problem = "the server names somebody to whom no session was shown, so everybody would be that person"
    return (Finding(Severity.ERROR, problem, f"see what answers at {_URL}, and let no proxy add cookies"),)


async def _keys(config: ServerConfig) -> Sequence[Finding]:
    """Fetch what its tokens are signed with."""
    async with _asking(config) as server:
        try:
            await fetch_keys(server)
        except BackendUnavailableError as error:
            signs = f"signs by {' or '.join(ALGORITHMS)}"
            fix = f"see that its jwt plugin is there, that it {signs}, and that {_URL} is right"
            return (Finding(Severity.ERROR, error.problem, fix),)
    return ()


async def _issuer(config: ServerConfig) -> Sequence[Finding]:
    """See that whom tokens are expected from is the server whose keys verify them.

    The server says whom it takes itself for in its tokens alone. Where browsers call it by another address
    than we do, the same keys have to be there.
    """
    path = urlsplit(config.base_url).path
    outside = replace(config, base_url=f"{config.issuer}{path}")
    if outside.base_url == config.base_url:
        return ()
    try:
        async with _asking(config) as inner:
            ours = await fetch_keys(inner)
    except BackendUnavailableError:
        return ()  # which the check of the keys says
    try:
        async with _asking(outside) as outer:
            theirs = await fetch_keys(outer)
    except BackendUnavailableError:
        problem = f"what {_ISSUER} names could not be asked from here whether it is this server"
        return (Finding(Severity.NOTICE, problem, "nothing, if browsers reach it there"),)
    if {key.thumbprint for key in ours} & {key.thumbprint for key in theirs}:
        return ()
    problem = f"what {_ISSUER} names signs by other keys than {_URL}: no token of it will be believed"
    return (Finding(Severity.ERROR, problem, "name one server by both"),)


async def _secret(config: ServerConfig, mode: Mode) -> Sequence[Finding]:
    if config.secret is None:
        if mode is Mode.JWT:
            return ()
        problem = f"{_SECRET} is not set: each made-up cookie costs a question to the server"
        return (Finding(Severity.NOTICE, problem, "set it to the server's own"),)
    if len(config.secret) >= _SHORTEST:
        return ()
    problem = f"{_SECRET} is shorter than {_SHORTEST} characters, so cookies can be forged by guessing it"
    return (Finding(Severity.WARNING, problem, "give the server a longer one; its people sign in again"),)


@asynccontextmanager
async def _asking(config: ServerConfig) -> AsyncGenerator[ServerClient]:
    http = ServerHttp(config.base_url)
    try:
        yield ServerClient(http, config)
    finally:
        await http.aclose()
