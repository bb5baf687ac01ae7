"""``netscript auth keys rotate-signing``: another key signs tokens from now on, while the service runs on."""

from typing import Final

from netscript_auth_core.events import EventName
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_plugin_auth.commands.beside import run_beside
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.opening import Opened
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.tokens.composition import key_shelf, signing_keys

_FORGOTTEN: Final = (
    "Earlier ones are published no more: tokens that they signed are refused by services that fetch the "
    "published keys anew, and by the others within five minutes.\n"
)
_FORGETS: Final = "earlier_forgotten"
_KEPT: Final = "Earlier ones are published until what they signed has ended.\n"


def rotate_signing_key(*, as_json: bool, forgets_earlier: bool) -> int:
    """Let another key sign, print which, and return the exit code.

    Args:
        as_json: For programs.
        forgets_earlier: Whether earlier keys are published no more.

    Raises:
        ConfigurationError: with every fault there is, such as that no service takes tokens.
    """

    async def rotate(parts: Opened) -> int:
        shelf = key_shelf(parts.settings, parts.store, parts.keys, parts.clock)
        if shelf is None:
            raise _no_tokens()
        keys = signing_keys(parts.settings, shelf, parts.clock)
        key = await keys.rotate(forgets_earlier=forgets_earlier)
        reason = _FORGETS if forgets_earlier else None
        parts.journal.write(EventName.SIGNING_KEY_ROTATED, reason=reason, detail=key.key_id)
        told = f"The key {key.key_id} signs now.\n{_FORGOTTEN if forgets_earlier else _KEPT}"
        tell({"keyId": key.key_id}, told, as_json=as_json)
        return 0

    return run_beside(rotate)


def _no_tokens() -> ConfigurationError:
    variable = AuthServiceSettings.variable("token_audiences")
    problem = "is not set, so that there are no tokens, and no keys that sign them"
    return ConfigurationError([Fault(variable, problem, "the names of services that take tokens")])
