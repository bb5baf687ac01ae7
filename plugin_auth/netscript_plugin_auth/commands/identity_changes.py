"""``netscript auth identities link`` and ``unlink``: that two people are one, or an account is not theirs."""

import sys
from collections.abc import Mapping
from typing import Final

from netscript_auth_core.account_removal import AccountRemoval
from netscript_auth_core.capabilities import Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.directory_changes import DirectoryChanges
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import AuthBackendPort, SignedOut
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_plugin_auth.commands.beside import FAILED, Work, run_beside
from netscript_plugin_auth.commands.identity_texts import refused, word
from netscript_plugin_auth.draining.sessions import is_kept_here
from netscript_plugin_auth.journal import Journal
from netscript_plugin_auth.opening import Opened

_WHY_ENDED: Final = "accounts_changed"
_KEPT: Final = "kept"
_GONE: Final = "joined_to_another"


def link_identities(keep: str, other: str, *, is_rehearsal: bool = False) -> int:
    """Let two people be one, or only say what would be done, and return the exit code.

    Raises:
        ConfigurationError: with every fault there is.
    """
    given = {"keep": keep, "other": other}
    work = _rehearse_link if is_rehearsal else _link
    return _unless_refused(lambda parts: work(parts, keep, other), given)


def unlink_account(user_id: str, issuer: str, subject: str, *, is_rehearsal: bool = False) -> int:
    """Take an account out of a person, or only say what would be done, and return the exit code; likewise."""
    given = {"user": user_id, "account": f"{issuer} {subject}"}
    work = _rehearse_unlink if is_rehearsal else _unlink
    return _unless_refused(lambda parts: work(parts, user_id, issuer, subject), given)


def _unless_refused(work: Work, given: Mapping[str, str]) -> int:
    """Do the work beside the service; ``given`` is what the operator typed, by its names."""

    async def unless_refused(parts: Opened) -> int:
        try:
            return await work(parts)
        except InvalidInputError as error:
            sys.stderr.write(refused(error, given))
            return FAILED

    return run_beside(unless_refused)


async def _link(parts: Opened, keep: str, other: str) -> int:
    """End the other's sessions, join, and see to what came between; repeated, it finishes what broke off."""
    changes = DirectoryChanges(parts.store)
    await changes.check_join(keep, other)
    ended = await _end_sessions(parts, other)
    user = await changes.join(keep, other)
    parts.journal.write(EventName.IDENTITY_LINKED, reason=_KEPT, user_id=keep)
    parts.journal.write(EventName.IDENTITY_LINKED, reason=_GONE, user_id=other)
    ended += await _end_sessions(parts, other)
    given = await _give_sessions(parts, other, user)
    sys.stdout.write(
        f"{_has_now(user)}{word(other)} is no more; of its sessions ended: {ended}; "
        f"kept by an upstream, and those of {word(keep)} from now on: {given}\n"
    )
    return 0


async def _rehearse_link(parts: Opened, keep: str, other: str) -> int:
    await DirectoryChanges(parts.store).check_join(keep, other)
    sys.stdout.write(f"{word(other)} would be {word(keep)}, and its sessions that are kept here would end\n")
    return 0


async def _rehearse_unlink(parts: Opened, user_id: str, issuer: str, subject: str) -> int:
    await AccountRemoval(parts.store).check(user_id, issuer, subject)
    account = f"{word(issuer)} {word(subject)}"
    sys.stdout.write(
        f"{account} would open {word(user_id)} no more, whose sessions that are kept here would end\n"
    )
    return 0


async def _unlink(parts: Opened, user_id: str, issuer: str, subject: str) -> int:
    """End the person's sessions, take the account out, and see to what came between; likewise."""
    removal = AccountRemoval(parts.store)
    await removal.check(user_id, issuer, subject)
    ended = await _end_sessions(parts, user_id)
    user = await removal.remove(user_id, issuer, subject)
    parts.journal.write(EventName.IDENTITY_UNLINKED, detail=issuer, user_id=user_id)
    ended += await _end_sessions(parts, user_id)
    stay = await _give_sessions(parts, user_id, user)
    sys.stdout.write(
        f"{_has_now(user)}Whoever signs in with {word(issuer)} {word(subject)} is somebody new; "
        f"of the sessions of {word(user_id)} ended: {ended}; "
        f"kept by an upstream, by other accounts, and going on: {stay}\n"
    )
    return 0


def _has_now(user: AuthUser) -> str:
    accounts = ", ".join(f"{word(each.provider_id)} ({word(each.issuer)})" for each in user.accounts)
    return f"{word(user.id)} has now: {accounts}\n"


async def _end_sessions(parts: Opened, user_id: str) -> int:
    """End the sessions that are kept here."""
    able = [each for each in _backends(parts) if Capability.REVOKE_ALL in each.capabilities]
    ended = 0
    for backend in filter(is_kept_here, able):
        count = await backend.sessions.revoke_all_for_user(user_id)
        journal = Journal(parts.events, backend.name, parts.clock)
        journal.sessions_revoked(_WHY_ENDED, SignedOut(count, user_id=user_id))
        ended += count
    return ended


async def _give_sessions(parts: Opened, user_id: str, to: AuthUser) -> int:
    """Let the sessions that upstreams keep be the person's, as far as they are by the person's accounts."""
    users = UserDirectory(parts.store, parts.clock)
    met = [
        UpstreamSessions(each.name, parts.store, parts.keys, users, parts.clock) for each in _backends(parts)
    ]
    return sum([await each.give(user_id, to) for each in met])


def _backends(parts: Opened) -> tuple[AuthBackendPort, ...]:
    return (parts.active, *parts.earlier)
