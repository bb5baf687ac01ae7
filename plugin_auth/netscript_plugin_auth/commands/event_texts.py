"""How events are shown to an operator: what strangers sent moves no cursor of a terminal."""

from collections.abc import Mapping

from netscript_plugin_auth.audit.explanations import explanation_of
from netscript_plugin_auth.audit.kept_events import KeptEvent
from netscript_plugin_auth.commands.identity_texts import word
from netscript_plugin_auth.settings import AUDIT_STORE, AuthServiceSettings


def as_row(event: KeptEvent) -> Mapping[str, object]:
    """Return an event for programs, with what a refusal means."""
    told: dict[str, object] = event.model_dump(mode="json", exclude_none=True)
    if _is_refusal(event):
        explanation = explanation_of(str(event.reason))
        told |= {"found": explanation.found, "advice": explanation.advice}
    return told


def as_line(event: KeptEvent) -> str:
    """Return an event in one line."""
    more = (event.provider_id, event.reason, event.detail, event.subject, event.session, event.client)
    told = [word(each) for each in (*more, event.request_id) if each is not None]
    return f"{_moment(event)}  {'  '.join([word(event.name), *told])}\n"


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


def _moment(event: KeptEvent) -> str:
    return f"{event.at:%Y-%m-%d %H:%M:%S} UTC"


def _is_refusal(event: KeptEvent) -> bool:
    return event.reason is not None and event.name.endswith((".failed", ".refused", ".limited"))
