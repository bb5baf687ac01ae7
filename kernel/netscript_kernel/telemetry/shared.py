"""Metrics of several worker processes, added up: each keeps its own in a folder that all of them read.

Imports nothing of Prometheus, which decides at its import whether it shares.
"""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which ``prometheus_client`` is told, in whichever server the service runs."""


@contextmanager
def shared_metrics() -> Generator[None]:
    """Within the block, processes that are forked share their metrics.

    A folder that the operator named is used, and left as it is.
    """
    if os.environ.get(SHARED_FOLDER):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="netscript-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[SHARED_FOLDER]
