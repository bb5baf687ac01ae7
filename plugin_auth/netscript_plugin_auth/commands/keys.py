"""``netscript auth keys``: what is sealed by which key, and the way off a key, while the service runs on."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from netscript_auth_core.events import EventName
from netscript_auth_core.ports import KeyState, SealedSecrets, SealedSecretsPort
from netscript_plugin_auth.commands.beside import run_beside
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.joined_secrets import joined_secrets
from netscript_plugin_auth.opening import Opened
from netscript_plugin_auth.tokens.composition import key_shelf

_MEANINGS = {
    KeyState.CURRENT: "seals",
    KeyState.CONFIGURED: "opens; netscript auth keys rotate leaves it behind",
    KeyState.MISSING: "is not configured: these sign-ins live on, refreshed no more; new keys sign tokens",
}
_KEEPS_NONE = "keeps no secrets under these keys: nothing is to be done.\n"
_AFTERWARDS = (
    "Remove a key once nothing is under it and every process has run with the new order for ten minutes:\n"
    "until then, sign-ins under way are sealed and signed by it.\n"
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


def all_sealed(parts: Opened) -> SealedSecretsPort | None:
    """Return whatever is sealed under the service's keys, of the backends and of what signs tokens."""
    shelf = key_shelf(parts.settings, parts.store, parts.keys, parts.clock)
    return joined_secrets([parts.backend.sealed, shelf])


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
    async def with_secrets(parts: Opened) -> int:
        sealed = all_sealed(parts)
        if sealed is None:
            told = f"The {parts.backend.name} backend {_KEEPS_NONE}"
            tell({"keys": None}, told, as_json=as_json)
            return 0
        found = await work(sealed)
        if "sealedAnew" in found:
            parts.journal.write(EventName.KEYS_ROTATED, detail=f"{found['sealedAnew']} sealed anew")
        tell(found, _in_words(found), as_json=as_json)
        return 0

    return run_beside(with_secrets)


def _in_words(told: dict[str, Any]) -> str:
    lines = [f"{'KEY':<14}{'SECRETS':>8}\n", *map(_row_in_words, told["keys"])]
    for name, words in (("sealedAnew", "Sealed anew"), ("wouldSealAnew", "To be sealed anew")):
        if name in told:
            lines.append(f"\n{words}: {told[name]}\n")
    return "".join([*lines, f"\n{_AFTERWARDS}"])


def _row_in_words(row: dict[str, Any]) -> str:
    return f"{row['keyId']:<14}{row['secrets']:>8}  {_MEANINGS[KeyState(row['state'])]}\n"
