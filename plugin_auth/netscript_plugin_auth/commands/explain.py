"""``netscript auth explain``: which check refused a request, what it expected and saw, and what to do."""

import asyncio
import json
import sys

from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.urls import open_store
from netscript_plugin_auth.audit.explanations import explanation_of
from netscript_plugin_auth.audit.kept_events import KeptEvent, events_of
from netscript_plugin_auth.commands.shared_store import require_a_shared_store
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.development.provider import as_the_service_reads_it
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.settings_checks import AUDIT_STORE

_FAILED = 1


def explain(request_id: str, *, as_json: bool) -> int:
    """Print what happened in a request, and return the exit code: 1 where nothing is known of it.

    Raises:
        ConfigurationError: with every fault there is.
    """
    settings = read_configuration(as_the_service_reads_it(process_environment())).service
    require_a_shared_store(settings)
    try:
        events = asyncio.run(_find(settings, request_id))
    except (StoreUnavailableError, StoreCorruptError) as error:
        sys.stderr.write(f"{error}\n")
        return _FAILED
    if as_json:
        sys.stdout.write(f"{json.dumps({'requestId': request_id, 'events': list(map(_row, events))})}\n")
    else:
        sys.stdout.write("\n".join(map(_in_words, events)))
    if not events:
        sys.stderr.write(_nothing_known(settings))
    return 0 if events else _FAILED


async def _find(settings: AuthServiceSettings, request_id: str) -> list[KeptEvent]:
    url = settings.kv_url.get_secret_value()
    store = await open_store(url, SystemClock(), data_dir=settings.data_dir)
    try:
        return await events_of(store, request_id)
    finally:
        await store.aclose()


def _nothing_known(settings: AuthServiceSettings) -> str:
    if AUDIT_STORE not in settings.audit:
        return (
            "Events are not kept: NETSCRIPT_AUTH_AUDIT names no store. The log has them, with request_id.\n"
        )
    return (
        f"Nothing is kept of this request. Events are kept for {settings.audit_keep}, and none "
        "for requests at which nothing was refused or changed. Look for the id in the log, as request_id.\n"
    )


def _row(event: KeptEvent) -> dict[str, object]:
    row = {
        "at": event.at.isoformat(),
        "name": event.name,
        "backend": event.backend,
        "providerId": event.provider_id,
        "reason": event.reason,
        "expected": event.expected,
        "seen": event.seen,
    }
    told: dict[str, object] = {key: value for key, value in row.items() if value is not None}
    if _is_refusal(event):
        explanation = explanation_of(str(event.reason))
        told |= {"found": explanation.found, "advice": explanation.advice}
    return told


def _in_words(event: KeptEvent) -> str:
    at, by = (
        event.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        f" by {event.provider_id}" if event.provider_id else "",
    )
    lines = [f"{at}  {event.name} ({event.backend}{by})"]
    if event.reason is not None:
        found = f": {explanation_of(event.reason).found}" if _is_refusal(event) else ""
        lines.append(f"  Reason:    {event.reason}{found}.")
    # Shown as Python writes text: what a stranger sent moves no cursor of the operator's terminal.
    lines += [
        f"  {called:<10} {value!a}"
        for called, value in (("Expected:", event.expected), ("Seen:", event.seen))
        if value is not None
    ]
    if _is_refusal(event):
        lines.append(f"  Do:        {explanation_of(str(event.reason)).advice}.")
    return "\n".join([*lines, ""])


def _is_refusal(event: KeptEvent) -> bool:
    return event.reason is not None and event.name.endswith((".failed", ".refused", ".limited"))
