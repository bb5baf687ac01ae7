"""Reads a file of variables, ``.env``: strictly, so that no line of it is lost without a word.

::

    variables = {**read_environment_file(Path.cwd() / FILE), **os.environ}

It stands on ``dotenv.parser``, a submodule that python-dotenv does not document: what is documented passes
over lines that it cannot read, and no caller hears which. So ``pyproject.toml`` has an upper bound for it.
"""

import re
import stat
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.foreign_files import read_foreign

FILE: Final = ".env"
"""What it is called, wherever it is."""

# A hyphen and a dot are in names of services, and so in services__users-api__http__0.
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def read_environment_file(file: Path) -> Mapping[str, str]:
    """Return what a file says; nothing where there is none, or something else in its place, such as a folder.

    Values are taken as they are written: a ``$`` in a secret stays a ``$``. The last of several lines for one
    variable counts.

    Raises:
        ConfigurationError: it, or a line of it, cannot be read. With every such line, by its number; never
            with what it says, which may be a secret.
    """
    try:
        text = read_foreign(file) if _is_there(file) else b""
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from None
    return variables_in(text, file)


def variables_in(text: bytes, file: Path) -> Mapping[str, str]:
    """Return what a text says, as :func:`read_environment_file` reads that of a file.

    Args:
        text: In UTF-8.
        file: Named in faults.

    Raises:
        ConfigurationError: likewise.
    """
    try:
        words = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(file, "it is no UTF-8 text") from None
    if "\0" in words:
        problem = "has a zero byte, which no variable can have"
        raise ConfigurationError([Fault(str(file), problem, "remove it")])
    lines = list(parse_stream(StringIO(words, newline=None)))
    faults = [_fault_of(file, line) for line in lines if _says_nothing(line)]
    if faults:
        raise ConfigurationError(faults)
    return {line.key: line.value for line in lines if line.key is not None and line.value is not None}


def _is_there(file: Path) -> bool:
    # Not is_file, which from Python 3.14 on also says no where it could not find out.
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except FileNotFoundError:
        return False


def _says_nothing(line: Binding) -> bool:
    """Whether it is neither a value for a variable, nor a comment or empty."""
    if line.error or line.key is None:
        return line.error
    return line.value is None or not _NAME.fullmatch(line.key)


def _fault_of(file: Path, line: Binding) -> Fault:
    text = line.original.string
    number = line.original.line + text[: len(text) - len(text.lstrip())].count("\n")
    fix = "write NAME=value, with quotes that end where the value does, or # before a comment"
    return Fault(f"{file}: line {number}", "says nothing that can be understood", fix)


def _unreadable(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError([Fault(str(file), f"cannot be read ({why})", "make it readable, or remove it")])
