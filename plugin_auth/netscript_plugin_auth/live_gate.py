"""The gate of auth: ``python -m netscript_plugin_auth.live_gate`` asks a running auth-api.

It has to be ready, well by all of its own checks, and to describe itself. Where it is, say the variables of
discovery, such as ``services__auth_api__http__0``; where none is set, the manifest.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx

from netscript_auth_core.checks import Finding, Severity
from netscript_kernel.discovery import find_address
from netscript_kernel.outbound import no_answer, outbound_client
from netscript_kernel.plugins import PluginManifest
from netscript_plugin_auth import plugin
from netscript_plugin_auth.doctor.live import live_checks
from netscript_plugin_auth.faults import run_telling_faults
from netscript_plugin_auth.settings import AuthServiceSettings

_LIMIT: Final = timedelta(seconds=5)
_START_IT: Final = "start it with netscript dev, and run this beside it"


def main() -> int:
    """Ask, tell what is wrong, and return 0 where nothing is, 2 where a variable is."""
    return run_telling_faults(_ask, nothing_was="asked")


def _ask() -> int:
    url, service = address_of(plugin.manifest), plugin.manifest.contributions.services[0]
    findings = asyncio.run(_findings(url, f"{url}{service.health_path}"))
    for each in findings:
        sys.stdout.write(f"{each.problem}. Fix: {each.fix}\n")
    if not findings:
        sys.stdout.write(f"{service.name} at {url} is ready, well, and describes itself\n")
    return 1 if findings else 0


def address_of(manifest: PluginManifest) -> str:
    """Return where the service is, without a slash at its end.

    Raises:
        ConfigurationError: a variable says that it is at what is no address.
    """
    service = manifest.contributions.services[0]
    return find_address(service.name, os.environ, default=f"http://127.0.0.1:{service.port}")


async def _findings(url: str, ready_url: str) -> Sequence[Finding]:
    problem = await _why_not_ready(ready_url)
    if problem is not None:
        return (Finding(Severity.ERROR, problem, _START_IT),)
    public_url = os.environ.get(AuthServiceSettings.variable("public_url"))
    found = [await each.look() for each in live_checks(url, None, public_url)]
    return [finding for each in found for finding in each]


async def _why_not_ready(url: str) -> str | None:
    async with outbound_client(total=_LIMIT, connect=_LIMIT) as client:
        try:
            answer = await client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return no_answer("GET", url, error)
    return None if answer.status_code == HTTPStatus.OK else f"{url} answered {answer.status_code}"


if __name__ == "__main__":
    sys.exit(main())
