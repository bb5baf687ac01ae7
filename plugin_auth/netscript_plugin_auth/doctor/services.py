"""Services behind: whoever verifies tokens can hear of sessions that end, and whoever listens has tokens."""

from collections.abc import Sequence
from functools import partial

from netscript_auth_core.checks import Check, Finding, Severity
from netscript_plugin_auth.settings import AuthServiceSettings

_AUDIENCES = AuthServiceSettings.variable("token_audiences")
_CREDENTIALS = AuthServiceSettings.variable("service_credentials")


def service_checks(settings: AuthServiceSettings) -> Sequence[Check]:
    """Return the check of tokens and of who listens."""
    return (Check("services.feed", partial(_feed, settings)),)


async def _feed(settings: AuthServiceSettings) -> Sequence[Finding]:
    has_tokens, has_listeners = bool(settings.token_audiences), settings.service_credentials is not None
    if has_listeners and not has_tokens:
        problem = f"{_CREDENTIALS} lets services hear of sessions that end, and none takes tokens of them"
        return (Finding(Severity.WARNING, problem, f"name those services in {_AUDIENCES}, or remove it"),)
    if has_tokens and not has_listeners:
        problem = "no service can hear of sessions that end: each token is believed to its own end"
        fix = f"name services that listen in {_CREDENTIALS}, or keep NETSCRIPT_AUTH_TOKEN_TTL short"
        return (Finding(Severity.NOTICE, problem, fix),)
    return ()
