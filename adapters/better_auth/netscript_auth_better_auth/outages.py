"""Not being able to find out, told in the words of the port."""

from datetime import timedelta

from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_core.errors import BackendUnavailableError

_USUAL = timedelta(seconds=5)


def server_away(problem: str, retry_after: timedelta = _USUAL) -> BackendUnavailableError:
    """Return the error for a better-auth server that did not answer, or not as one."""
    return BackendUnavailableError(BACKEND, f"the better-auth server: {problem}", retry_after)
