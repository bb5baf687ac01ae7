"""Runs a service in processes of its own, on granian. Needs the extras ``service`` and ``server``.

::

    sys.exit(serve("acme_users.service:create_app", host="127.0.0.1", port=8095))
"""

import importlib
import multiprocessing
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from starlette.types import ASGIApp

from netscript_kernel.errors import ConfigurationError, NetScriptError
from netscript_kernel.free_ports import require_free_port
from netscript_kernel.garbage import put_off_collections, set_apart_what_stays
from netscript_kernel.parent_watch import end_with_parent
from netscript_kernel.profile import Profile
from netscript_kernel.server_limits import HEAD_PATIENCE, connections_at_most, http1_settings
from netscript_kernel.service.logs import configure_logging
from netscript_kernel.worker_signals import (
    Stoppable,
    hear_interrupts,
    hold_signals_while_forking,
    leave_handlers_of_main,
    take_over_signals,
)

__all__ = ["end_with_parent", "serve"]

EXIT_FAILED = 1
EXIT_CONFIGURATION = 2

# Beyond the service's own drain limit, so that it closes its parts itself.
_GRACE = timedelta(seconds=5)

# granian's records go where all others go.
_LOG_SETTINGS: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}, "granian.access": {"handlers": []}},
}


@dataclass(frozen=True, slots=True)
class _Loader:
    """Makes the application in each worker; may travel to a spawned process, unless it holds a ``make``."""

    make: Callable[[], ASGIApp] | None
    profile: Profile
    drain_limit: timedelta
    exit_code: "Synchronized[int]"

    def __call__(self, target: str) -> ASGIApp:
        leave_handlers_of_main()
        put_off_collections()
        configure_logging(self.profile)
        end_with_parent(self.drain_limit + _GRACE)
        try:
            app = (self.make or _factory(target))()
        except ConfigurationError as error:
            self._tell(error, EXIT_CONFIGURATION)
            raise SystemExit(EXIT_CONFIGURATION) from None
        self._watch(app)
        return app

    def _watch(self, app: object) -> None:
        if not isinstance(app, Stoppable):
            set_apart_what_stays()  # nothing tells when its start has ended
            return
        app.when_start_ends(self._start_ended)
        take_over_signals(app)

    def _start_ended(self, error: Exception | None) -> None:
        if error is None:
            set_apart_what_stays()
            hear_interrupts()
        if isinstance(error, ConfigurationError):
            self._tell(error, EXIT_CONFIGURATION)
        elif isinstance(error, NetScriptError):
            self._tell(error, EXIT_FAILED)

    def _tell(self, error: NetScriptError, code: int) -> None:
        """Say why the start failed: once, though every worker meets the same."""
        with self.exit_code.get_lock():
            is_told, self.exit_code.value = self.exit_code.value != 0, code
        if not is_told:
            sys.stderr.write(f"{error}\n")
            sys.stderr.flush()


def serve(
    target: str | Callable[[], ASGIApp],
    *,
    host: str,
    port: int,
    workers: int = 1,
    profile: Profile = "production",
    drain_limit: timedelta = timedelta(seconds=20),
    head_patience: timedelta = HEAD_PATIENCE,
    port_variable: str = "PORT",
) -> int:
    """Run a service until it is told to stop (SIGTERM, SIGINT), then let it drain.

    Args:
        target: ``module:function``; called in each worker, returns the ASGI application. Or such a function
            itself, where the system can fork: Linux and macOS.
        host: Address to listen on.
        port: Port to listen on.
        workers: Processes. They share nothing but the store; if one dies, all end, and what supervises the
            service starts it again.
        profile: How logs look.
        drain_limit: As in the service's settings; a worker that takes much longer is killed.
        head_patience: How long a connection may stay open without the whole head of a request.
        port_variable: Named where the port is in use.

    Returns:
        The exit code: 0 after a stop, 2 for a faulty configuration, 1 for the rest. Why a start failed is
        told on standard error.

    Raises:
        OSError: a function was given, and the system cannot fork.
    """
    if not isinstance(target, str):
        _have_workers_forked()
    try:
        require_free_port(host, port, port_variable)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    configure_logging(profile)
    exit_code: Synchronized[int] = multiprocessing.Value("i", 0)
    connections = connections_at_most()
    server = Granian(
        target if isinstance(target, str) else "service",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.uvloop if find_spec("uvloop") else Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=http1_settings(head_patience),
        backlog=connections,
        backpressure=connections,
        websockets=False,
        log_dictconfig=_LOG_SETTINGS,
        workers_kill_timeout=round((drain_limit + _GRACE).total_seconds()),
    )
    hold_signals_while_forking()
    set_apart_what_stays()  # before the fork, so that no worker looks through what it has from here
    try:
        make = None if isinstance(target, str) else target
        server.serve(target_loader=_Loader(make, profile, drain_limit, exit_code))
    except SystemExit as ended:
        if not server.interrupt_signal and exit_code.value == 0:
            return ended.code if isinstance(ended.code, int) else 1
    return exit_code.value


def _factory(target: str) -> Callable[[], ASGIApp]:
    module_name, _, name = target.partition(":")
    factory: Callable[[], ASGIApp] = getattr(importlib.import_module(module_name), name)
    return factory


def _have_workers_forked() -> None:
    """So that they get a function as it is."""
    if "fork" not in multiprocessing.get_all_start_methods():
        raise OSError(
            "this system starts each worker anew: give serve the name of a function, module:function"
        )
    multiprocessing.set_start_method("fork", force=True)
