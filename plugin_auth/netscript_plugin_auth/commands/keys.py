"""``netscript auth keys``: what is sealed by which key, and the way off a key, while the service runs on."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import KeyState, SealedSecrets, SealedSecretsPort
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_plugin_auth.commands.shared_store import require_a_shared_store
from netscript_plugin_auth.configuration import Configuration, read_configuration
from netscript_plugin_auth.development.provider import as_the_service_reads_it
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.opening import opened_parts

_FAILED = 1
_MEANINGS = {
    KeyState.CURRENT: "seals",
    KeyState.CONFIGURED: "opens; netscript auth keys rotate leaves it behind",
    KeyState.MISSING: "is not configured: these sign-ins live on, and are refreshed no more",
}
_AFTERWARDS = (
    "Remove a key once nothing is under it and every process has run with the new order for ten minutes:\n"
    "so long, sign-ins under way are sealed and signed by it.\n"
)

Work = Callable[[SealedSecretsPort], Coroutine[Any, Any, dict[str, object]]]


def show_keys(*, as_json: bool) -> int:
    """Print how many secrets each key seals, and return the exit code.

    Raises:
        ConfigurationError: with every fault there is.
    """
    return _run(_status, as_json=as_json)


def rotate_keys(*, as_json: bool, is_rehearsal: bool) -> int:
    """Seal under the current key whatever another one sealed, print what was done, and return the exit code.

    Args:
        as_json: For programs.
        is_rehearsal: Only say what would be done.

    Raises:
        ConfigurationError: with every fault there is.
    """
    return _run(_rehearse if is_rehearsal else _rotate, as_json=as_json)


async def _status(sealed: SealedSecretsPort) -> dict[str, object]:
    return {"keys": _rows(await sealed.count())}


async def _rehearse(sealed: SealedSecretsPort) -> dict[str, object]:
    counted = await sealed.count()
    would = sum(each.count for each in counted if each.state is KeyState.CONFIGURED)
    return {"wouldSealAnew": would, "keys": _rows(counted)}


async def _rotate(sealed: SealedSecretsPort) -> dict[str, object]:
    done = 0
    while not (piece := await sealed.seal_anew()).is_done:
        done += piece.sealed
    return {"sealedAnew": done, "keys": _rows(await sealed.count())}


def _rows(counted: Sequence[SealedSecrets]) -> list[dict[str, object]]:
    return [{"keyId": each.key_id, "state": each.state.value, "secrets": each.count} for each in counted]


def _run(work: Work, *, as_json: bool) -> int:
    configuration = read_configuration(as_the_service_reads_it(process_environment()))
    require_a_shared_store(configuration.service)
    try:
        told = asyncio.run(_with_secrets(configuration, work))
    except (StoreUnavailableError, StoreCorruptError, BackendUnavailableError) as error:
        sys.stderr.write(f"{error}\n")
        return _FAILED
    if told is None:
        name = configuration.service.backend
        told_nothing = f"The {name} backend keeps no secrets under these keys: nothing is to be done.\n"
        sys.stdout.write(f"{json.dumps({'keys': None})}\n" if as_json else told_nothing)
        return 0
    sys.stdout.write(f"{json.dumps(told)}\n" if as_json else _in_words(told))
    return 0


async def _with_secrets(configuration: Configuration, work: Work) -> dict[str, object] | None:
    async with opened_parts(configuration) as parts:
        return await work(parts.backend.sealed) if parts.backend.sealed is not None else None


def _in_words(told: dict[str, Any]) -> str:
    lines = [f"{'KEY':<14}{'SECRETS':>8}\n", *map(_row_in_words, told["keys"])]
    for name, words in (("sealedAnew", "Sealed anew"), ("wouldSealAnew", "To be sealed anew")):
        if name in told:
            lines.append(f"\n{words}: {told[name]}\n")
    return "".join([*lines, f"\n{_AFTERWARDS}"])


def _row_in_words(row: dict[str, Any]) -> str:
    return f"{row['keyId']:<14}{row['secrets']:>8}  {_MEANINGS[KeyState(row['state'])]}\n"
