"""How events are shown to an operator: what strangers sent moves no cursor of a terminal."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from netscript_plugin_auth.audit.explanations import explanation_of
from netscript_plugin_auth.audit.kept_events import KeptEvent
from netscript_plugin_auth.commands.identity_texts import word
from netscript_plugin_auth.settings import AUDIT_STORE, AuthServiceSettings

_COLUMNS: Final = (
    "TIME",
    "EVENT",
    "PROVIDER",
    "REASON",
    "SUBJECT",
    "SESSION",
    "CLIENT",
    "REQUEST",
    "DETAIL",
)


def as_row(event: KeptEvent) -> Mapping[str, object]:
    """Return an event for programs, with what a refusal means."""
    told: dict[str, object] = event.model_dump(mode="json", exclude_none=True)
    if _is_refusal(event):
        explanation = explanation_of(str(event.reason))
        told |= {"found": explanation.found, "advice": explanation.advice}
    return told


def as_table(events: Sequence[KeptEvent]) -> str:
    """Return events, a line each, in columns under headings; one that would be empty is left out."""
    rows = [_cells(event) for event in events]
    names = [name for name in _COLUMNS if any(row[name] is not None for row in rows)]
    lines = [names, *([word(row[name] or "-") for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(f"{'  '.join(map(str.ljust, line, widths)).rstrip()}\n" for line in lines)


def _cells(event: KeptEvent) -> Mapping[str, str | None]:
    values = (event.name, event.provider_id, event.reason, event.subject, event.session, event.client)
    told = (f"{event.at:%Y-%m-%dT%H:%M:%SZ}", *values, event.request_id, event.detail)
    return dict(zip(_COLUMNS, told, strict=True))


def in_words(event: KeptEvent) -> str:
    """Return an event with what it means and what to do, in several lines."""
    by = f" by {event.provider_id}" if event.provider_id else ""
    lines = [f"{_moment(event)}  {event.name} ({event.backend}{by})"]
    if event.reason is not None:
        found = f": {explanation_of(event.reason).found}" if _is_refusal(event) else ""
        lines.append(f"  Reason:    {event.reason}{found}.")
    # Shown as Python writes text.
    told = (("Expected:", event.expected), ("Seen:", event.seen), ("Detail:", event.detail))
    lines += [f"  {called:<10} {value!a}" for called, value in told if value is not None]
    who = [each for each in (event.subject, event.session, event.client) if each is not None]
    if who:
        lines.append(f"  Who:       {' '.join(who)}")
    if _is_refusal(event):
        lines.append(f"  Do:        {explanation_of(str(event.reason)).advice}.")
    return "\n".join([*lines, ""])


def why_none_are_kept(settings: AuthServiceSettings) -> str:
    """Return why the store has no event at all; empty where it may have some."""
    if AUDIT_STORE in settings.audit:
        return ""
    return "Events are not kept: NETSCRIPT_AUTH_AUDIT names no store. The log has them, with request_id.\n"


def duration_words(duration: timedelta) -> str:
    """Return how long something lasts, as an operator would say it: ``3 days``, ``1 day and 12 hours``."""
    seconds, told = int(duration.total_seconds()), list[str]()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            told.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " and ".join(told) or "no time"


def _moment(event: KeptEvent) -> str:
    return f"{event.at:%Y-%m-%d %H:%M:%S} UTC"


def _is_refusal(event: KeptEvent) -> bool:
    return event.reason is not None and event.name.endswith((".failed", ".refused", ".limited"))
