"""``netscript auth sessions revoke``: ends them through the port, so that all that follows from it does."""

import sys
from functools import partial
from typing import Final

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import SessionState
from netscript_auth_core.ports import SignedOut
from netscript_plugin_auth.commands.beside import FAILED, run_beside
from netscript_plugin_auth.commands.identity_texts import word
from netscript_plugin_auth.commands.sessions import is_known, tell_what_is_beyond
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.opening import Opened

_REASON: Final = "revoked_by_operator"


def revoke_one(handle: str, *, is_rehearsal: bool, as_json: bool) -> int:
    """End a session, print how many ended, and return the exit code: 1 where no session has this handle.

    Args:
        handle: As listed.
        is_rehearsal: Only say what would be done.
        as_json: For programs.

    Raises:
        ConfigurationError: with every fault there is.
    """
    work = _rehearse_one if is_rehearsal else _revoke_one
    return run_beside(partial(work, handle=handle, as_json=as_json))


def revoke_all(user_id: str, *, is_rehearsal: bool, as_json: bool) -> int:
    """End all sessions of a person, and return the exit code: 1 where some are left, or nobody has this id.

    As :func:`revoke_one`.
    """
    work = _rehearse_all if is_rehearsal else _revoke_all
    return run_beside(partial(work, user_id=user_id, as_json=as_json))


async def _rehearse_one(parts: Opened, *, handle: str, as_json: bool) -> int:
    # The same answer as without a rehearsal, for a backend that cannot.
    _require(parts, Capability.REVOKE)
    session = await parts.backend.sessions.get(handle)
    is_active = session is not None and session.state is SessionState.ACTIVE
    _tell("wouldEnd", int(is_active), as_json=as_json)
    return _unknown(handle) if session is None else 0


async def _revoke_one(parts: Opened, *, handle: str, as_json: bool) -> int:
    # At first: a record that cannot be read can be ended all the same.
    was_active = await parts.backend.sessions.revoke(handle)
    if was_active:
        parts.journal.session_revoked(_REASON, handle=handle)
    _tell("ended", int(was_active), as_json=as_json)
    is_unknown = not was_active and await parts.backend.sessions.get(handle) is None
    return _unknown(handle) if is_unknown else 0


async def _rehearse_all(parts: Opened, *, user_id: str, as_json: bool) -> int:
    _require(parts, Capability.REVOKE_ALL)
    if not await is_known(parts, user_id):
        return FAILED
    _tell("wouldEnd", len(await parts.backend.sessions.list_for_user(user_id)), as_json=as_json)
    return tell_what_is_beyond(parts, Capability.REVOKE_ALL)


async def _revoke_all(parts: Opened, *, user_id: str, as_json: bool) -> int:
    if not await is_known(parts, user_id):
        return FAILED
    ended = await parts.backend.sessions.revoke_all_for_user(user_id)
    parts.journal.sessions_revoked(_REASON, SignedOut(ended, user_id=user_id))
    _tell("ended", ended, as_json=as_json)
    return tell_what_is_beyond(parts, Capability.REVOKE_ALL)


def _require(parts: Opened, capability: Capability) -> None:
    if capability not in parts.backend.capabilities:
        raise parts.backend.capabilities.refusal(parts.backend.name, capability)


def _tell(name: str, count: int, *, as_json: bool) -> None:
    words = {"ended": "Sessions ended", "wouldEnd": "Sessions to be ended"}[name]
    tell({name: count}, f"{words}: {count}\n", as_json=as_json)


def _unknown(handle: str) -> int:
    sys.stderr.write(f"No session has the handle {word(handle)}: netscript auth sessions list USER\n")
    return FAILED
