"""A worker must not outlive its server: killed outright, that one can no longer tell it to stop."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """End this process at once when the one that started it is gone. Without a parent, do nothing.

    A thread rather than a reader in the event loop: it needs no loop, and a busy loop cannot hold it up.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        # Memory holds all there is, so nothing can be lost; a polite end would wait for open connections.
        os._exit(0)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()
