"""A service that runs: whether it is well, and what was configured."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from netscript_auth_core.checks import Check, Finding, Severity
from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.json_documents import is_array, is_object, read_json
from netscript_kernel.outbound import no_answer, outbound_client

_LIMIT = timedelta(seconds=5)
_MEANT = "name the address of auth-api itself, as this machine reaches it"
_NOT_SERVED = "run this with its environment, so that it is asked by its NETSCRIPT_AUTH_PUBLIC_URL"


def live_checks(url: str, backend: str | None, public_url: str | None = None) -> Sequence[Check]:
    """Return the checks of the service at an address.

    Args:
        url: Without a path.
        backend: The one that is configured here; ``None`` where that cannot be told.
        public_url: By whose host it is asked, since it answers for few others; that of ``url`` by default.
    """
    base = url.rstrip("/")
    headers = {"host": urlsplit(public_url).netloc} if public_url is not None else {}
    return (
        Check("live.health", partial(_health, base, headers)),
        Check("live.describe", partial(_describe, base, headers, backend)),
    )


async def _health(base: str, headers: Mapping[str, str]) -> Sequence[Finding]:
    found = await _asked(f"{base}/health", headers)
    if isinstance(found, Finding):
        return (found,)
    checks = found.get("checks")
    if not is_array(checks):
        return (Finding(Severity.ERROR, "what answers there tells no health, so it is not auth-api", _MEANT),)
    failed = [each.get("name") for each in checks if is_object(each) and each.get("status") != "ok"]
    # As Python writes text: whatever answers there moves no cursor of the operator's terminal.
    bad = [repr(name) if isinstance(name, str) else "one without a name" for name in failed]
    if not bad:
        return ()
    problem = f"the running service is not well: {', '.join(bad)}"
    return (Finding(Severity.ERROR, problem, "its log says why, by the name of the check"),)


async def _describe(base: str, headers: Mapping[str, str], backend: str | None) -> Sequence[Finding]:
    found = await _asked(f"{base}{AuthV1.prefix}/describe", headers)
    if isinstance(found, Finding):
        return (found,)
    told = found.get("backend")
    name = told.get("name") if is_object(told) else None
    if name is None:
        return (Finding(Severity.ERROR, "what answers there does not describe itself as auth-api", _MEANT),)
    if backend is None or name == backend:
        return ()
    problem = f"the running service has the backend {name!r}, and {backend!r} is configured here"
    return (Finding(Severity.WARNING, problem, "restart it, or run this with its environment"),)


async def _asked(url: str, headers: Mapping[str, str]) -> dict[str, object] | Finding:
    async with outbound_client(total=_LIMIT, connect=_LIMIT) as client:
        try:
            answer = await client.get(url, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            fix = "see that it runs, and that it is reached from here"
            return Finding(Severity.ERROR, no_answer("GET", url, error), fix)
    if answer.status_code == HTTPStatus.BAD_REQUEST:
        return Finding(Severity.ERROR, f"it runs, but does not serve the host {_host(answer)}", _NOT_SERVED)
    document = read_json(answer.content)
    if not is_object(document):
        return Finding(Severity.ERROR, f"what runs there answered {answer.status_code}, and no JSON", _MEANT)
    return document


def _host(answer: httpx.Response) -> str:
    return ascii(answer.request.headers["host"])
