"""``netscript auth identities``: who is known, by which accounts, and that two of them are one or are not."""

import sys
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from pydantic import ValidationError

from netscript_auth_core.account_removal import AccountRemoval
from netscript_auth_core.capabilities import Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.directory_changes import DirectoryChanges
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import AuthBackendPort
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_plugin_auth.commands import identity_texts
from netscript_plugin_auth.commands.beside import FAILED, Work, run_beside
from netscript_plugin_auth.commands.identity_texts import in_words, refused, word
from netscript_plugin_auth.draining.sessions import is_kept_here
from netscript_plugin_auth.journal import Journal
from netscript_plugin_auth.opening import Opened

_PAGE = 1000
_WHY_ENDED = "accounts_changed"
_NO_EXPORT = "is not as netscript auth identities export writes it"


def list_identities(*, as_json: bool) -> int:
    """Print everybody with their accounts, and return the exit code.

    Raises:
        ConfigurationError: with every fault there is.
    """
    told, nobody = (identity_texts.as_json, "") if as_json else (in_words, "Nobody is known yet.\n")
    return _run(lambda parts: _print_all(parts, told, nobody))


def export_identities() -> int:
    """Print everybody as JSON Lines, which ``import`` reads; likewise."""
    return list_identities(as_json=True)


def import_identities(lines: Iterable[str]) -> int:
    """Keep the people of JSON Lines under their ids, and return the exit code; likewise.

    A line that cannot be taken is told, and the others are. Those who are here already are passed over. A
    store that is not there yet is made.
    """
    try:
        # Read to its end first: of what is no text, not even the beginning comes in.
        every = list(lines)
    except UnicodeDecodeError:
        sys.stderr.write(f"FILE {_NO_EXPORT} (no UTF-8 text)\n")
        return FAILED
    return _run(lambda parts: _import(parts, every), may_be_new=True)


def link_identities(keep: str, other: str, *, is_rehearsal: bool = False) -> int:
    """Let two people be one, or only say what would be done, and return the exit code; likewise."""
    given = {"keep": keep, "other": other}
    work = _rehearse_link if is_rehearsal else _link
    return _run(lambda parts: work(parts, keep, other), given)


def unlink_account(user_id: str, issuer: str, subject: str, *, is_rehearsal: bool = False) -> int:
    """Take an account out of a person, or only say what would be done, and return the exit code; likewise."""
    given = {"user": user_id, "account": f"{issuer} {subject}"}
    work = _rehearse_unlink if is_rehearsal else _unlink
    return _run(lambda parts: work(parts, user_id, issuer, subject), given)


def _run(work: Work, given: Mapping[str, str] = MappingProxyType({}), *, may_be_new: bool = False) -> int:
    """Do the work beside the service; ``given`` is what the operator typed, by its names."""

    async def unless_refused(parts: Opened) -> int:
        try:
            return await work(parts)
        except InvalidInputError as error:
            sys.stderr.write(refused(error, given))
            return FAILED

    return run_beside(unless_refused, may_be_new=may_be_new)


async def _print_all(parts: Opened, told: Callable[[AuthUser], str], nobody: str) -> int:
    users, after = UserDirectory(parts.store, parts.clock), None
    while page := await users.page(limit=_PAGE, after=after):
        sys.stdout.write("".join(map(told, page)))
        after = page[-1].id
    if after is None:
        sys.stdout.write(nobody)
    return 0


async def _import(parts: Opened, lines: Iterable[str]) -> int:
    changes, refused = DirectoryChanges(parts.store), 0
    counts = {True: 0, False: 0}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            counts[await changes.restore(_read(line))] += 1
        except InvalidInputError as error:
            sys.stderr.write(f"line {number}: {error}\n")
            refused += 1
    sys.stdout.write(f"imported: {counts[True]}, already here: {counts[False]}, refused: {refused}\n")
    return FAILED if refused else 0


async def _link(parts: Opened, keep: str, other: str) -> int:
    """End the other's sessions, join, and see to what came between; repeated, it finishes what broke off."""
    changes = DirectoryChanges(parts.store)
    await changes.check_join(keep, other)
    ended = await _end_sessions(parts, other)
    user = await changes.join(keep, other)
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
        for _ in range(count):
            journal.session_revoked(_WHY_ENDED)
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


def _read(line: str) -> AuthUser:
    try:
        return AuthUser.model_validate_json(line)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, each["loc"])) or "the line" for each in error.errors()[:3])
        raise InvalidInputError(where, _NO_EXPORT) from None
