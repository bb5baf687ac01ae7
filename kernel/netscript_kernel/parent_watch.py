"""A process ends when the process that started it is gone, however that ended.

The main process of a server may be killed without a chance to tell its workers; they would answer on.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from datetime import timedelta
from multiprocessing.connection import wait

_PR_SET_PDEATHSIG = 1
_watching = threading.Event()


def end_with_parent(limit: timedelta = timedelta(seconds=25)) -> None:
    """End this process gracefully as soon as its parent is gone, and by force after the limit.

    Call it in a process that ``multiprocessing`` started, before work begins; elsewhere it does nothing.
    Nothing is polled: a thread sleeps until the operating system closes the pipe to the parent.
    """
    parent = multiprocessing.parent_process()
    if parent is None or _watching.is_set():
        return
    _watching.set()
    arguments = (parent.sentinel, limit.total_seconds())
    threading.Thread(target=_watch, args=arguments, name="parent-watch", daemon=True).start()
    _ask_the_kernel()


def end_with_starter() -> None:
    """Stop this process (SIGTERM) as soon as the one that started it is gone, where the kernel offers that.

    Call it first thing in a program. On other systems than Linux it does nothing: whoever starts the process
    has to see to it there.
    """
    _ask_the_kernel()


def _watch(sentinel: int, seconds: float) -> None:
    if sys.platform != "win32":
        # Signals are for the main thread, which may hold them back for a moment.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    # The event never comes: this sleeps, and the process has ended by then unless it hangs.
    threading.Event().wait(seconds)
    os._exit(1)


def _ask_the_kernel() -> None:
    """On Linux the kernel tells too: workers hold each other's pipes open, so theirs may close late."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
