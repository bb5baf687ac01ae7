"""The scripts that the server runs, each as one step: nobody sees half of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Final, TypeAlias

from netscript_kernel.kv.batch import Batch
from netscript_kernel.kv.redis.records import encode_after_version

Argument: TypeAlias = bytes | str | float

_FOLDER: Final = Path(__file__).with_name("lua")


@dataclass(frozen=True, slots=True)
class Script:
    """A script.

    Attributes:
        text: In Lua.
        digest: What a server that has seen it once calls it.
    """

    text: bytes
    digest: str


def _load(name: str, flags: str = "") -> Script:
    # With its first line the server asks before it starts whether it may write and has memory for it.
    first_line = f"#!lua{flags}\n".encode()
    text = first_line + _FOLDER.joinpath("shared.lua").read_bytes() + _FOLDER.joinpath(name).read_bytes()
    return Script(text, sha1(text, usedforsecurity=False).hexdigest())


COMMIT: Final = _load("commit.lua")
# What frees memory may run where there is none left.
TAKE: Final = _load("take.lua", " flags=allow-oom")
SWEEP: Final = _load("sweep.lua", " flags=allow-oom")
LIST_OWNED: Final = _load("list_owned.lua", " flags=no-writes")


def commit_arguments(batches: Sequence[Batch]) -> list[Argument]:
    """Return commits as ``lua/commit.lua`` reads them: for each three lists, everything after its length."""
    return [len(batches), *(argument for batch in batches for argument in _arguments(batch))]


def _arguments(batch: Batch) -> list[Argument]:
    arguments: list[Argument] = [len(batch.checks)]
    for check in batch.checks:
        arguments += (check.key, "" if check.version is None else check.version)
    arguments += (len(batch.deletes), *batch.deletes, len(batch.records))
    for record in batch.records:
        ends = "" if record.expires_at is None else record.expires_at
        arguments += (record.key, encode_after_version(record), ends, len(record.index))
        for owner, rank in record.index:
            arguments += (owner, rank)
    return arguments
