"""The service's keys: none twice, none that others on this machine can read, none gone while it is needed."""

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from netscript_auth_core.checks import Check, Finding, Severity
from netscript_auth_core.ports import KeyState, SealedSecretsPort
from netscript_kernel.keyring import parse_keys
from netscript_kernel.settings import Environment
from netscript_plugin_auth.settings import AuthServiceSettings

_KEYS = AuthServiceSettings.variable("keys")
_FOR_OTHERS = 0o007
# A group may be the service's own, and read; who may write there chooses the key.
_WRITABLE = 0o020
_READABLE = 0o040


def key_checks(settings: AuthServiceSettings, environment: Environment) -> Sequence[Check]:
    """Return the checks that need no store."""
    return (
        Check("keys.doubles", partial(_doubles, settings)),
        Check("keys.file", partial(_file, environment)),
    )


async def missing_keys(sealed: SealedSecretsPort | None) -> Sequence[Finding]:
    """Return the keys that are gone though they seal something.

    Raises:
        BackendUnavailableError: could not find out.
    """
    counted = await sealed.count() if sealed is not None else ()
    gone = [each for each in counted if each.state is KeyState.MISSING]
    fix = f"put the key back at the end of {_KEYS}, then: netscript auth keys rotate"
    return [
        Finding(Severity.ERROR, f"the key {each.key_id} is gone, and still seals {each.count} secrets", fix)
        for each in gone
    ]


async def _doubles(settings: AuthServiceSettings) -> Sequence[Finding]:
    keys = parse_keys(settings.keys.get_secret_value()) if settings.keys is not None else []
    if len(set(keys)) == len(keys):
        return ()
    return (Finding(Severity.WARNING, f"{_KEYS} has one key twice", "remove the second one"),)


async def _file(environment: Environment) -> Sequence[Finding]:
    named = environment.get(f"{_KEYS}_FILE")
    if named is None or os.name == "nt":
        return ()
    mode = await asyncio.to_thread(_mode, Path(named))
    if mode & _FOR_OTHERS:
        problem = f"the file that {_KEYS}_FILE names is open to every user of this machine"
        return (Finding(Severity.ERROR, problem, "chmod o-rwx on it, and change the key"),)
    if mode & _WRITABLE:
        problem = f"the file that {_KEYS}_FILE names can be written by its group, so any of them sets the key"
        return (Finding(Severity.ERROR, problem, "chmod g-w on it"),)
    if mode & _READABLE:
        problem = f"the file that {_KEYS}_FILE names can be read by its group"
        return (Finding(Severity.NOTICE, problem, "chmod 600 on it, if the service owns it"),)
    return ()


def _mode(path: Path) -> int:
    return path.stat().st_mode
