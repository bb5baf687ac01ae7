"""Answers of several backends as one."""

from collections.abc import Sequence
from dataclasses import replace

from netscript_auth_core.ports import Anonymous, Authenticated, Outcome
from netscript_auth_core.reasons import AnonymousReason

_ENDED = frozenset({AnonymousReason.SESSION_EXPIRED, AnonymousReason.SESSION_REVOKED})


def most_telling(answers: Sequence[Anonymous]) -> Anonymous:
    """Return the answer that says that a session ended, else one that says more than that there is none."""
    ended = (each for each in answers if each.reason in _ENDED)
    others = (each for each in answers if each.reason is not AnonymousReason.NO_SESSION)
    return next(ended, None) or next(others, answers[0])


def with_cookies(outcome: Outcome, cookies: tuple[str, ...]) -> Outcome:
    """Return the outcome with more ``Set-Cookie`` values for the browser that asks, before its own."""
    if not cookies:
        return outcome
    if isinstance(outcome, Authenticated):
        return Authenticated(lambda: outcome.identity, outcome.views, (*cookies, *outcome.cookies))
    return replace(outcome, cookies=(*cookies, *outcome.cookies))
