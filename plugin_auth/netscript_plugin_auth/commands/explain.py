"""``netscript auth explain``: which check refused a request, what it expected and saw, and what to do."""

import sys
from functools import partial

from netscript_kernel.kv.port import KvStorePort
from netscript_plugin_auth.audit.kept_events import events_of
from netscript_plugin_auth.commands.beside import FAILED, run_on_store
from netscript_plugin_auth.commands.event_texts import as_row, duration_words, in_words, why_none_are_kept
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.settings import AuthServiceSettings


def explain(request_id: str, *, as_json: bool) -> int:
    """Print what happened in a request, and return the exit code: 1 where nothing is known of it.

    Raises:
        ConfigurationError: with every fault there is.
    """
    return run_on_store(partial(_explain, request_id=request_id, as_json=as_json))


async def _explain(
    settings: AuthServiceSettings, store: KvStorePort, *, request_id: str, as_json: bool
) -> int:
    events = await events_of(store, request_id)
    document = {"requestId": request_id, "events": list(map(as_row, events))}
    tell(document, "\n".join(map(in_words, events)), as_json=as_json)
    if not events:
        sys.stderr.write(why_none_are_kept(settings) or _nothing_known(settings))
    return 0 if events else FAILED


def _nothing_known(settings: AuthServiceSettings) -> str:
    kept = duration_words(settings.audit_keep)
    return (
        f"Nothing is kept of this request. Events are kept for {kept}, and none for requests at which "
        "nothing was refused or changed. Look for the id in the log, as request_id.\n"
    )
