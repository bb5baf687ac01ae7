"""What several commands have in common: their options, and running beside the service."""

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Final, NoReturn

import typer

from netscript_plugin_auth.faults import run_telling_faults

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
AsJsonLines = Annotated[bool, typer.Option("--json", help="Print JSON Lines, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")]

AS_THE_SERVICE: Final = (
    "This command reads what the service reads: run it in the same folder, with the same environment;\n"
    "beside scripts/run and netscript auth dev, with NETSCRIPT_PROFILE=development, and with PORT and\n"
    "NETSCRIPT_DEV_PROVIDER_PORT where they were given."
)


def read_duration(text: str) -> timedelta:
    """Return how long an option says.

    Raises:
        typer.BadParameter: it is no duration.
    """
    from netscript_kernel.settings import parse_duration

    duration: object = None
    with suppress(ValueError, OverflowError):
        duration = parse_duration(text)
    if not isinstance(duration, timedelta):
        raise typer.BadParameter("a duration such as 30m, 1h or 2d")
    return duration


def look(run: Callable[[], int]) -> NoReturn:
    """Run a command that changes nothing, and end with its exit code."""
    _beside_the_service(run, "looked at")


def change(run: Callable[[], int]) -> NoReturn:
    """Run a command that changes something, and end with its exit code."""
    _beside_the_service(run, "changed")


def _beside_the_service(run: Callable[[], int], nothing_was: str) -> NoReturn:
    def logged() -> int:
        _log_to_standard_error()
        return run()

    raise typer.Exit(run_telling_faults(logged, nothing_was=nothing_was, advice=AS_THE_SERVICE))


def _log_to_standard_error() -> None:
    """Let warnings and events of this process be told as the service tells them, beside what is printed."""
    import logging

    from netscript_auth_core.events import LogEventSink
    from netscript_kernel.service.logs import configure_logging
    from netscript_plugin_auth.environment import process_environment

    is_development = process_environment().get("NETSCRIPT_PROFILE") == "development"
    configure_logging("development" if is_development else "production", sys.stderr, logging.WARNING)
    LogEventSink.logger.setLevel(logging.INFO)
