"""``netscript auth drain status``: how many sessions of earlier backends are left."""

from dataclasses import dataclass
from functools import partial

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.ports import AuthBackendPort
from netscript_plugin_auth.commands.beside import run_beside
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.draining.sessions import is_kept_here
from netscript_plugin_auth.opening import Opened

_NOTHING = "Nothing is drained: NETSCRIPT_AUTH_DRAIN_BACKENDS names no other backend.\n"
_REMOTE = "its upstream keeps the sessions, and cannot tell how many are left"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one backend.

    Attributes:
        sessions: How many are active; ``None`` where that cannot be told.
        people: How many have them.
    """

    backend: str
    sessions: int | None
    people: int | None


def show_drain(*, as_json: bool) -> int:
    """Print what is left of each backend that is drained, and return the exit code.

    Raises:
        ConfigurationError: with every fault there is.
    """
    return run_beside(partial(_show, as_json=as_json))


async def count_left(backend: AuthBackendPort, users: UserDirectory) -> Left:
    """Count the active sessions that a backend keeps here, person by person.

    Raises:
        BackendUnavailableError: could not find out.
        StoreUnavailableError: likewise.
    """
    if not is_kept_here(backend) or Capability.LIST_SESSIONS not in backend.capabilities:
        return Left(backend.name, None, None)
    sessions, people = 0, 0
    async for user in users.everybody():
        count = len(await backend.sessions.list_for_user(user.id))
        sessions, people = sessions + count, people + (count > 0)
    return Left(backend.name, sessions, people)


async def _show(parts: Opened, *, as_json: bool) -> int:
    users = UserDirectory(parts.store, parts.clock)
    found = [await count_left(backend, users) for backend in parts.earlier]
    rows = [{"backend": each.backend, "sessions": each.sessions, "people": each.people} for each in found]
    tell({"drained": rows}, "".join(map(_in_words, found)) or _NOTHING, as_json=as_json)
    return 0


def _in_words(left: Left) -> str:
    if left.sessions is None:
        return f"{left.backend}: {_REMOTE}\n"
    if left.sessions == 0:
        return f"{left.backend}: drained; take it out of NETSCRIPT_AUTH_DRAIN_BACKENDS\n"
    sessions = "1 session" if left.sessions == 1 else f"{left.sessions} sessions"
    people = "1 person" if left.people == 1 else f"{left.people} people"
    return f"{left.backend}: {sessions} of {people} {'is' if left.sessions == 1 else 'are'} left\n"
