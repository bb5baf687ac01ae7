"""What is to be said of tokens and of who hears of sessions that end: at the start, and by the doctor."""

from collections.abc import Iterator

from netscript_auth_core.checks import Finding, Severity
from netscript_plugin_auth.settings import AuthServiceSettings

_AUDIENCES = AuthServiceSettings.variable("token_audiences")
_CREDENTIALS = AuthServiceSettings.variable("service_credentials")


def feed_findings(settings: AuthServiceSettings) -> Iterator[Finding]:
    """Yield which of the two is there without the other."""
    has_tokens, has_listeners = bool(settings.token_audiences), settings.service_credentials is not None
    if has_listeners and not has_tokens:
        problem = f"{_CREDENTIALS} lets services hear of sessions that end, and none takes tokens of them"
        yield Finding(Severity.WARNING, problem, f"name those services in {_AUDIENCES}, or remove it")
    if has_tokens and not has_listeners:
        problem = "no service can hear of sessions that end: each token is believed to its own end"
        fix = f"name services that listen in {_CREDENTIALS}, or keep NETSCRIPT_AUTH_TOKEN_TTL short"
        yield Finding(Severity.NOTICE, problem, fix)
