"""The composition root: names become parts, parts become the service.

Two ways in. :func:`create_auth_app` makes the application from the environment, as the command and
``python -m netscript_plugin_auth`` do. :func:`create_auth_service` takes the parts themselves, for
tests and for applications that bring their own store or backend.
"""

import logging
from collections.abc import Callable, Mapping

from starlette.types import Receive, Scope, Send

from netscript_auth_core.backends import AnyDefinition
from netscript_auth_core.events import EventSink
from netscript_kernel.clock import Clock
from netscript_kernel.contracts import UNAVAILABLE
from netscript_kernel.errors import NetScriptError
from netscript_kernel.service.problems import ProblemError, problem_response
from netscript_kernel.service.service import Service
from netscript_kernel.settings import Environment
from netscript_plugin_auth.composition import create_auth_service, service_info
from netscript_plugin_auth.configuration import Configuration, read_configuration
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.opening import open_parts
from netscript_plugin_auth.telemetry.opening import open_telemetry_of

_log = logging.getLogger("netscript.auth")
_TOLD_ELSEWHERE = "auth-api did not start; standard error says why"


async def open_auth_service(
    environment: Environment,
    *,
    definitions: Mapping[str, AnyDefinition] | None = None,
    clock: Clock | None = None,
    events: EventSink | None = None,
) -> Service:
    """Open store and backend, and build the service; its ``stop`` closes them again.

    Args:
        environment: Where all settings come from.
        definitions: Backends beside the installed ones.
        clock: The machine's by default.
        events: Takes them; by default the log and the store, as the settings say.

    Raises:
        ConfigurationError: with every fault there is.
        StoreUnavailableError: the store cannot be opened.
    """
    return await open_configured(read_configuration(environment, definitions), clock=clock, events=events)


async def open_configured(
    configuration: Configuration, *, clock: Clock | None = None, events: EventSink | None = None
) -> Service:
    """Open store and backend of a configuration that was read already, and build the service."""
    telemetry = open_telemetry_of(configuration, service_info())
    parts = await open_parts(configuration, clock=clock, events=events, counts=telemetry.counts)
    try:
        return create_auth_service(
            configuration.service,
            parts.backend,
            parts.store,
            keys=parts.keys,
            clock=parts.clock,
            events=parts.events,
            telemetry=telemetry,
            drains=bool(parts.earlier),
        )
    except BaseException:
        await parts.aclose()
        raise


class AuthApp:
    """auth-api as an ASGI application that opens its store and backend when it starts.

    Run it alone, and the server's lifespan starts and stops it. Mounted into another application, it is
    started and stopped by :meth:`start` and :meth:`stop` where that application is. Mount it at the root,
    last: the public URL has no path, so below a prefix browsers would look for pages and callbacks elsewhere.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._service: Service | None = None
        self._start_ended: Callable[[Exception | None], None] | None = None

    @property
    def in_flight(self) -> int:
        """How many requests are being answered."""
        return self._service.in_flight if self._service else 0

    def when_start_ends(self, tell: Callable[[Exception | None], None]) -> None:
        """Tell a server's entry why the start failed, or ``None`` for a good one."""
        self._start_ended = tell

    async def start(self) -> None:
        """Open everything.

        Raises:
            ConfigurationError: what only shows when it is used, such as a folder that cannot be written.
            StoreUnavailableError: the store cannot be opened.
        """
        service = await open_configured(self._configuration)
        await service.start()
        self._service = service

    async def drain(self) -> None:
        """Be ready no more, still answer, and return when nothing is in flight or the limit is reached."""
        if self._service is not None:
            await self._service.drain()

    async def stop(self) -> None:
        """Answer what is under way, then close everything. Stopping twice is no fault."""
        if self._service is not None:
            await self._service.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self._service is None:
            problem = ProblemError(UNAVAILABLE, detail="The service has not been started")
            await problem_response(problem)(scope, receive, send)
            return
        await self._service(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except NetScriptError as error:
            # Whoever is told the error itself says it; any other server has only this text.
            message = str(error) if self._start_ended is None else _TOLD_ELSEWHERE
            await send({"type": "lifespan.startup.failed", "message": message})
            self._tell(error)
            return
        except Exception as error:  # noqa: BLE001  # whatever it was, the server is told and ends
            # Raised further, it would look like an application without a lifespan, and be served.
            _log.exception("auth-api did not start")
            await send({"type": "lifespan.startup.failed", "message": "auth-api did not start"})
            self._tell(error)
            return
        await send({"type": "lifespan.startup.complete"})
        self._tell(None)
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def _tell(self, error: Exception | None) -> None:
        if self._start_ended is not None:
            self._start_ended(error)


def create_auth_app(
    environment: Environment | None = None, *, definitions: Mapping[str, AnyDefinition] | None = None
) -> AuthApp:
    """Read the whole configuration and return the application; nothing is opened before it starts.

    Args:
        environment: All settings; by default the process environment, over a ``.env`` where we are.
        definitions: Backends beside the installed ones.

    Raises:
        ConfigurationError: with every fault there is.
    """
    given = process_environment() if environment is None else environment
    return AuthApp(read_configuration(given, definitions))
