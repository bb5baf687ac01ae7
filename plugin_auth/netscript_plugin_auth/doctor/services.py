"""Services behind: whoever verifies tokens can hear of sessions that end, and whoever listens has tokens."""

from collections.abc import Sequence
from functools import partial

from netscript_auth_core.checks import Check, Finding
from netscript_plugin_auth.feed_findings import feed_findings
from netscript_plugin_auth.settings import AuthServiceSettings


def service_checks(settings: AuthServiceSettings) -> Sequence[Check]:
    """Return the check of tokens and of who listens."""
    return (Check("services.feed", partial(_feed, settings)),)


async def _feed(settings: AuthServiceSettings) -> Sequence[Finding]:
    return tuple(feed_findings(settings))
