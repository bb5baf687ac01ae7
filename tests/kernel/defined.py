"""A service that is defined in one call, for the tests that serve it in a process of its own."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from netscript_kernel.service.define import DefinedService, define_service, run_service
from tests.kernel.sample_service import implementation


@asynccontextmanager
async def part() -> AsyncGenerator[None]:
    """A part whose end the test reads."""
    yield
    print(f"part closed in {'a worker' if os.getppid() == MAIN else 'the main process'}", flush=True)  # noqa: T201


MAIN = os.getpid()


def define() -> DefinedService:
    """Define it as a plugin's module does."""
    return define_service("notes", "1.2.3", implementations=[implementation()], lifespan=[part])


def main() -> None:
    """Run it as an entry point does."""
    sys.exit(run_service(define, workers=int(os.environ.get("WORKERS", "1"))))
