"""The development provider as a process of its own."""

import socket
import sys
from collections.abc import Sequence
from functools import partial

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server
from starlette.applications import Starlette

from netscript_dev_provider.announcement import announce_when_reachable
from netscript_dev_provider.app import create_app
from netscript_dev_provider.options import Options, RefusedStartError, read_options
from netscript_dev_provider.parent_watch import end_with_parent


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it.

    Returns:
        The exit code: 0 after a normal end, 2 when it refused to start.
    """
    try:
        options = read_options(sys.argv[1:] if argv is None else argv)
        _require_free_port(options.host, options.port)
    except RefusedStartError as error:
        sys.stderr.write(f"netscript-dev-provider: {error}\n")
        return 2
    _serve(options)
    return 0


def _serve(options: Options) -> None:
    server = Server(
        "netscript_dev_provider",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        workers=1,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=partial(_load, options), wrap_loader=False)


def _load(options: Options) -> Starlette:
    """Build the app inside the worker process."""
    end_with_parent()
    warning = "anybody can sign in as anybody, never for production"
    text = f"Development identity provider: {options.config.issuer} ({warning})"
    announce_when_reachable(options.host, options.port, text)
    return create_app(options.config)


def _require_free_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RefusedStartError(
                f"Cannot listen on {host} port {port}: {error.strerror}. Stop what uses it, or choose --port."
            ) from error
