"""What a caller has to have: each check passes, or raises the refusal that says what is missing."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from netscript_auth_client.caller import Caller
from netscript_auth_client.refusals import (
    RefusedError,
    for_missing_roles,
    for_missing_scopes,
    for_old_sign_in,
)
from netscript_kernel.clock import Clock, SystemClock

_CLOCK: Final = SystemClock()
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")  # RFC 6749 section 3.3


def check_scope_names(scopes: Sequence[str]) -> None:
    """Make sure that these can be scopes at all: they are written into a header.

    Raises:
        ValueError: none, or one that cannot.
    """
    if not scopes or not all(map(_SCOPE.fullmatch, scopes)):
        raise ValueError(
            "name at least one scope; a scope is printable ASCII without space, quote, backslash"
        )


def check_role_names(roles: Sequence[str]) -> None:
    """Make sure that there are any.

    Raises:
        ValueError: none, or an empty one.
    """
    if not roles or not all(roles):
        raise ValueError("name at least one role")


def check_max_age(max_age: timedelta) -> None:
    """Make sure that a sign-in can be as young as that.

    Raises:
        ValueError: less than a second.
    """
    if max_age < timedelta(seconds=1):
        raise ValueError("max_age is at least a second")


def need_scopes(caller: Caller, *scopes: str) -> None:
    """Let only a caller pass who has all of these scopes.

    Raises:
        RefusedError: 403.
    """
    check_scope_names(scopes)
    if missing := [scope for scope in scopes if scope not in caller.principal.scopes]:
        raise RefusedError(for_missing_scopes(missing))


def need_roles(caller: Caller, *roles: str) -> None:
    """Let only a caller pass who has all of these roles.

    Raises:
        RefusedError: 403.
    """
    check_role_names(roles)
    if missing := [role for role in roles if role not in caller.principal.roles]:
        raise RefusedError(for_missing_roles(missing))


def need_recent(caller: Caller, max_age: timedelta, clock: Clock = _CLOCK) -> None:
    """Let only a caller pass who provably signed in within this time.

    Where the identity provider did not prove when that was, nobody passes: it may know the browser alone.

    Args:
        caller: Who calls.
        max_age: For so long a sign-in counts as recent.
        clock: Says what time it is; given by tests.

    Raises:
        RefusedError: 401, by which a client knows to send the person to sign in anew.
    """
    check_max_age(max_age)
    proven = caller.authenticated_at
    if proven is None or clock.now() - proven > max_age:
        raise RefusedError(for_old_sign_in(max_age))
