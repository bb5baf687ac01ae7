"""``netscript auth sessions list``: who is signed in where, through the port of the backend."""

import json
import sys
from functools import partial

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import InvalidInputError
from netscript_plugin_auth.commands.beside import FAILED, run_beside
from netscript_plugin_auth.commands.identity_texts import refused, word
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.opening import Opened


def list_sessions(user_id: str, *, as_json: bool) -> int:
    """Print the active sessions of a person, newest first, and return the exit code.

    Raises:
        ConfigurationError: with every fault there is.
    """
    return run_beside(partial(_list, user_id=user_id, as_json=as_json))


def count_sessions(*, as_json: bool) -> int:
    """Print how many sessions everybody has who has one, and return the exit code; likewise."""
    return run_beside(partial(_count, as_json=as_json))


async def is_known(parts: Opened, user_id: str) -> bool:
    """Whether a person has this id; where nobody has, that is told."""
    if await UserDirectory(parts.store, parts.clock).get(user_id) is not None:
        return True
    sys.stderr.write(refused(InvalidInputError("user", "nobody has this id"), {"user": user_id}))
    return False


def tell_what_is_beyond(parts: Opened, capability: Capability) -> int:
    """Tell which drained backends cannot do it, and return the exit code; the active one says so itself."""
    unable = [each for each in parts.earlier if capability not in each.capabilities]
    for each in unable:
        sys.stderr.write(f"{each.capabilities.refusal(each.name, capability)}\n")
    return FAILED if unable else 0


async def _list(parts: Opened, *, user_id: str, as_json: bool) -> int:
    if not await is_known(parts, user_id):
        return FAILED
    found = await parts.backend.sessions.list_for_user(user_id)
    document = {"sessions": [json.loads(each.to_wire()) for each in found]}
    tell(document, "".join(map(_in_words, found)) or "No session is active.\n", as_json=as_json)
    return tell_what_is_beyond(parts, Capability.LIST_SESSIONS)


async def _count(parts: Opened, *, as_json: bool) -> int:
    counts: dict[str, int] = {}
    async for user in UserDirectory(parts.store, parts.clock).everybody():
        counts[user.id] = len(await parts.backend.sessions.list_for_user(user.id))
    rows = [{"userId": user_id, "sessions": count} for user_id, count in counts.items() if count]
    total = sum(counts.values())
    lines = (f"{row['sessions']:>8}  {row['userId']}\n" for row in rows)
    words = f"{''.join(lines)}Sessions: {total}, people who have them: {len(rows)}\n"
    tell({"sessions": total, "people": rows}, words, as_json=as_json)
    return tell_what_is_beyond(parts, Capability.LIST_SESSIONS)


def _in_words(session: AuthSession) -> str:
    """Return a session in two lines; what a browser said of itself passes for nothing of ours."""
    end = min(session.idle_expires_at, session.expires_at)
    times = (session.created_at, session.last_seen_at, end)
    began, seen, ends = (f"{each:%Y-%m-%d %H:%M}" for each in times)
    device = word(session.device.user_agent) if session.device.user_agent else "an unknown device"
    return (
        f"{word(session.handle)}  {session.backend}, {word(session.provider_id)}\n"
        f"  began {began}, last seen {seen}, ends {ends} UTC; {device}\n"
    )
