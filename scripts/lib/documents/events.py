"""The table of events in docs/audit.md: when each happens, and what it says besides."""

from collections.abc import Mapping
from typing import Final

from documents.tables import table
from netscript_auth_core.events import EventName

_WHO: Final = "`subject`, `session`"
_HEAD: Final = ("event", "when", "says besides")
# The names are those of the code, so that one without words is found when the table is made.
_WORDS: Final[Mapping[EventName, tuple[str, str]]] = {
    EventName.SIGNIN_STARTED: ("a browser was sent to a provider", "`client`"),
    EventName.SIGNIN_COMPLETED: ("somebody signed in", f"{_WHO}, `client`"),
    EventName.SIGNIN_FAILED: ("a sign-in was refused, or could not go on", "`reason`, `client`"),
    EventName.TOKEN_REFRESHED: ("what a provider granted was renewed", _WHO),
    EventName.TOKEN_REFUSED: (
        "a provider does not let us renew, for a reason that operators see to",
        "`reason`, `session`",
    ),
    EventName.TOKEN_LOST: (
        "an answer of a provider got lost; the session goes on without renewal",
        f"`reason`, {_WHO}",
    ),
    EventName.TOKEN_ISSUED: (
        "a service's token was given out by `/token`",
        f"{_WHO}, `client`, `detail`: the service",
    ),
    EventName.SESSION_REVOKED: (
        "a session ended before its time",
        f"`reason`, {_WHO} as far as they are known, `client`",
    ),
    EventName.SESSION_EXCHANGED: (
        "a session took the place of one of a drained backend",
        f"{_WHO}, `detail`: that backend",
    ),
    EventName.SESSIONS_EXPORTED: (
        "an operator wrote sessions down, sealed, for another store",
        "`detail`: how many",
    ),
    EventName.SESSIONS_IMPORTED: (
        "an operator took sessions over from another store",
        "`detail`: how many",
    ),
    EventName.UPSTREAM_ENDED: ("a provider was told of a sign-out", "`session`"),
    EventName.UPSTREAM_PENDING: (
        "a provider could not be told yet, or was given up after a day",
        "`reason`, `session`",
    ),
    EventName.UPSTREAM_REFUSED: ("a provider does not let us end what it granted", "`reason`, `session`"),
    EventName.LOGOUT_REFUSED: (
        "a provider, or whoever passed for one, told of a sign-out that is not believed",
        "`reason`, `client`",
    ),
    EventName.REQUEST_REFUSED: ("a change that somebody asked for was refused", "`reason`, `client`"),
    EventName.REQUEST_LIMITED: (
        "somebody asked too often; once in a period",
        "`reason`, `client`, `session` where it is the session that did",
    ),
    EventName.IDENTITY_LINKED: (
        "an operator let two people be one: an event for each",
        "`subject`, `reason`: `kept` or `joined_to_another`",
    ),
    EventName.IDENTITY_UNLINKED: (
        "an operator took an account out of a person",
        "`subject`, `detail`: the issuer",
    ),
    EventName.IDENTITIES_IMPORTED: ("an operator brought people in", "`detail`: how many"),
    EventName.KEYS_ROTATED: (
        "an operator had everything sealed by the current key",
        "`detail`: how much there was",
    ),
    EventName.SIGNING_KEY_ROTATED: (
        "an operator let another key sign tokens",
        "`detail`: the key's id; `reason`: `earlier_forgotten`, where it was so",
    ),
}


def events_table() -> str:
    """Return the table of all events, in the order of the code."""
    return table(_HEAD, ((f"`{name}`", *_WORDS[name]) for name in EventName))
