"""``netscript auth backend set``: names another backend in the ``.env`` of the folder, if it would start."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from netscript_kernel.atomic_writing import replace_file
from netscript_kernel.environment_file import FILE, variables_in
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.foreign_files import read_foreign
from netscript_plugin_auth.configuration import as_the_service_reads_it, read_configuration
from netscript_plugin_auth.environment import is_set_outside_the_file, process_environment
from netscript_plugin_auth.settings import AuthServiceSettings

_VARIABLE: Final = AuthServiceSettings.variable("backend")
_EARLIER: Final = AuthServiceSettings.variable("drain_backends")
_LINE: Final = re.compile(rf"^(?:export[ \t]+)?{_VARIABLE}[ \t]*=[^\r\n]*".encode(), re.MULTILINE)
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]+")
_FOR_THE_OWNER: Final = 0o600


def set_backend(name: str, *, is_rehearsal: bool) -> int:
    """Write the name into ``.env``, say what is left to do, and return the exit code.

    Args:
        name: As in ``NETSCRIPT_AUTH_BACKEND``.
        is_rehearsal: Only say what would be done.

    Raises:
        ConfigurationError: the service would not start with it: every fault. Or a real variable wins, or the
            file cannot be written. It is as it was then.
    """
    if is_set_outside_the_file(_VARIABLE):
        problem = f"is set in the environment, which wins over {FILE}"
        raise ConfigurationError([Fault(_VARIABLE, problem, "change it there, or remove it there")])
    before = process_environment()
    wanted = {**before, _VARIABLE: name}
    drained = read_configuration(as_the_service_reads_it(wanted)).service.drain_backends
    left = before.get(_VARIABLE) or AuthServiceSettings.model_fields["backend"].default
    if left != name and not is_rehearsal:
        _write(Path.cwd() / FILE, name)
    done = "is" if left == name else "would be" if is_rehearsal else "is now"
    sys.stdout.write(f"{_VARIABLE} {done} {name}\n")
    if left != name:
        sys.stdout.write(_advice(left, is_drained=left in drained))
    return 0


def _advice(left: str, *, is_drained: bool) -> str:
    restart = "Restart the service; netscript auth drain status tells how many sessions are left.\n"
    if is_drained:
        return f"{_EARLIER} names {left}: who is signed in stays so.\n{restart}"
    advice = f"So that who is signed in by {left} stays so, name it in {_EARLIER}, and keep its variables.\n"
    return advice + restart


def _write(path: Path, name: str) -> None:
    """Change the one line; all else stays byte for byte, and so do permissions and owner."""
    if not _PLAIN.fullmatch(name):
        problem = f"has a name that no {FILE} should have"
        raise ConfigurationError([Fault(_VARIABLE, problem, f"write it into {FILE} yourself, in quotes")])
    try:
        text = read_foreign(path) if path.exists() else b""
        expected = {**variables_in(text, path), _VARIABLE: name}
        changed = _with_name(text, name)
        if not _says(changed, expected, path):
            # Such as a value over several lines, one of which only looks like the variable.
            problem = "is written in a way that this command does not understand"
            raise ConfigurationError([Fault(FILE, problem, f"write {_VARIABLE}={name} into it yourself")])
        replace_file(path, changed, mode_of_a_new_one=_FOR_THE_OWNER)
    except OSError as error:
        problem = f"cannot be written ({type(error).__name__})"
        raise ConfigurationError([Fault(FILE, problem, "make it and its folder writable")]) from None


def _with_name(text: bytes, name: str) -> bytes:
    line = f"{_VARIABLE}={name}".encode()
    found = list(_LINE.finditer(text))
    if found:
        # The last one is the one that counts.
        start, end = found[-1].span()
        return text[:start] + line + text[end:]
    newline = b"\r\n" if text[: text.rfind(b"\n")].endswith(b"\r") else b"\n"
    between = newline if text and not text.endswith(b"\n") else b""
    return text + between + line + newline


def _says(text: bytes, expected: Mapping[str, str], path: Path) -> bool:
    try:
        return variables_in(text, path) == expected
    except ConfigurationError:  # of what nobody but this command wrote
        return False
