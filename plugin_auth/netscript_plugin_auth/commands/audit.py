"""``netscript auth audit list``: what happened, newest first, from the events that the store keeps."""

import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from netscript_auth_core.events import EventName
from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.kv.port import KvStorePort
from netscript_plugin_auth.audit.kept_events import KeptEvent, newest_events
from netscript_plugin_auth.audit.pseudonyms import SESSION, SUBJECT, Pseudonyms, is_pseudonym
from netscript_plugin_auth.audit.sinks import pseudonyms_of
from netscript_plugin_auth.commands.beside import FAILED, run_on_store
from netscript_plugin_auth.commands.event_texts import as_row, as_table, why_none_are_kept
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.settings import AuthServiceSettings

_EVER: Final = timedelta(days=366)  # nothing is kept for longer
_NOTHING: Final = "Nothing that is kept fits.\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; whatever is ``None`` leaves none out.

    Attributes:
        since: How far back.
        name: What happened.
        subject: About whom: the id of a person, or a pseudonym as events have it.
        session: In which session: its handle, or likewise.
        limit: So many at most.
    """

    since: timedelta | None
    name: EventName | None
    subject: str | None
    session: str | None
    limit: int


def list_events(wanted: Wanted, *, as_json: bool) -> int:
    """Print events, newest first, and return the exit code: 1 where none are kept at all.

    Raises:
        ConfigurationError: with every fault there is, such as that there is no salt to find somebody by.
    """
    return run_on_store(partial(_list, wanted=wanted, as_json=as_json))


async def _list(settings: AuthServiceSettings, store: KvStorePort, *, wanted: Wanted, as_json: bool) -> int:
    found = await _find(store, wanted, _about(settings, wanted))
    words = as_table(found) if found else _NOTHING
    tell({"events": list(map(as_row, found))}, words, as_json=as_json)
    why = why_none_are_kept(settings)
    sys.stderr.write(why)
    return FAILED if why and not found else 0


async def _find(store: KvStorePort, wanted: Wanted, about: str | None) -> list[KeptEvent]:
    begin = SystemClock().now() - min(wanted.since or _EVER, _EVER)
    found: list[KeptEvent] = []
    async for event in newest_events(store, about):
        if len(found) == wanted.limit or event.at < begin:
            break
        if wanted.name in {None, event.name}:
            found.append(event)
    return found


def _about(settings: AuthServiceSettings, wanted: Wanted) -> str | None:
    """Return the pseudonym of whom it is about, if somebody is named."""
    if wanted.subject is not None:
        is_made = is_pseudonym(wanted.subject, SUBJECT)
        return wanted.subject if is_made else _pseudonyms(settings).subject(wanted.subject)
    if wanted.session is not None:
        is_made = is_pseudonym(wanted.session, SESSION)
        return wanted.session if is_made else _pseudonyms(settings).session(wanted.session)
    return None


def _pseudonyms(settings: AuthServiceSettings) -> Pseudonyms:
    pseudonyms = pseudonyms_of(settings)
    if pseudonyms is not None:
        return pseudonyms
    problem = "is not set, so that events do not say whom they are about"
    fix = "the output of: netscript auth secret generate; events from then on can be found"
    raise ConfigurationError([Fault(AuthServiceSettings.variable("audit_salt"), problem, fix)])
