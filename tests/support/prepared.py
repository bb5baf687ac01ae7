"""Runs ``netscript`` in processes that need not import it first, which is most of the time of a command."""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from pkgutil import iter_modules
from typing import Final

from netscript_plugin_auth import commands

_PATIENCE_SECONDS: Final = 300.0
_PREPARED: Final = multiprocessing.get_context("forkserver")
# Imported there: nothing reads the environment yet, and nothing is begun.
_PREPARED.set_forkserver_preload(
    [
        "netscript_cli.main",
        "netscript_kernel.kv.sqlite",
        "netscript_plugin_auth.opening",
        *(each.name for each in iter_modules(commands.__path__, f"{commands.__name__}.")),
    ]
)


def run_prepared(
    module: str, words: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Do what ``python -m module words`` does, in a fork of a process that has imported most of it.

    Args:
        module: What runs.
        words: Its arguments.
        folder: Where it runs.
        environment: All that it gets.
    """
    with tempfile.TemporaryDirectory() as kept:
        told = Path(kept, "output"), Path(kept, "errors")
        process = _PREPARED.Process(target=_be, args=(module, words, folder, dict(environment), told))
        process.start()
        process.join(_PATIENCE_SECONDS)
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([module, *words], _PATIENCE_SECONDS)
        output, errors = (file.read_text() for file in told)
        return subprocess.CompletedProcess([module, *words], code, output, errors)


def _be(
    module: str,
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    told: tuple[Path, Path],
) -> None:
    """Become that program; what it tells goes to two files."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream, file in zip((sys.stdout, sys.stderr), told, strict=True):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which the one it was forked from ignores
    sys.argv = ["", *words]
    sys.path[0:0] = [str(folder), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
