"""Processes, and what they keep in memory."""

import os
import re
from pathlib import Path

_RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


def resident_mib(process_id: int) -> float:
    """Return what a process keeps in memory.

    Raises:
        ProcessLookupError: there is no such process, or it has ended.
    """
    try:
        found = _RESIDENT.search(Path(f"/proc/{process_id}/status").read_text())
    except FileNotFoundError:
        found = None
    if found is None:
        raise ProcessLookupError(process_id)
    return int(found[1]) / 1024


def children_of(process_id: int) -> list[int]:
    """Return the processes that a process started itself, those of its threads included."""
    tasks = Path(f"/proc/{process_id}/task")
    found = [(task / "children").read_text().split() for task in tasks.iterdir()]
    return sorted(int(child) for each in found for child in each)


def serving_at(port: int) -> list[int]:
    """Return the processes that were started with this ``PORT`` and started none themselves: the workers."""
    mark = f"PORT={port}".encode()
    found = [int(each.name) for each in Path("/proc").iterdir() if _is_marked(each, mark)]
    return [each for each in found if not set(children_of(each)) & set(found)]


def _is_marked(entry: Path, mark: bytes) -> bool:
    if not entry.name.isdecimal():
        return False
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is somebody else's
        return False


def cpu_seconds(process_id: int) -> float:
    """Return how long processors have worked for a process, its ended children left out."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
