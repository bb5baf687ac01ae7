"""The checks of ``netscript auth doctor``, for ``netscript plugin doctor``; the manifest names them."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from netscript_auth_core.checks import Severity
from netscript_kernel.plugins import PluginFinding
from netscript_kernel.plugins import Severity as PluginSeverity
from netscript_kernel.settings import Environment
from netscript_plugin_auth.development.provider import PROVIDER_ID, needs_provider
from netscript_plugin_auth.doctor.examination import examine
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.settings import AuthServiceSettings

# Whoever asks gives all checks together some seconds.
_LIMIT: Final = timedelta(seconds=5)
_PROFILE: Final = AuthServiceSettings.variable("profile")
_DEVELOPMENT: Final = "development"
_SEVERITIES: Final = {Severity.ERROR: PluginSeverity.ERROR, Severity.WARNING: PluginSeverity.WARNING}


def findings() -> list[PluginFinding]:
    """Return what is wrong with auth in this workspace; what is only good to know is left out."""
    environment = {_PROFILE: _DEVELOPMENT, **process_environment()}
    return list(_found(environment))


def _found(environment: Environment) -> Iterator[PluginFinding]:
    # It runs with netscript dev alone; that it does not run now is nothing wrong.
    stands_in = environment[_PROFILE] == _DEVELOPMENT and needs_provider(environment)
    for examined in asyncio.run(examine(environment, limit=_LIMIT)):
        if stands_in and PROVIDER_ID in examined.id.split("."):
            continue
        for finding in examined.findings:
            if finding.severity in _SEVERITIES:
                yield PluginFinding(
                    id=examined.id.replace("_", "-"),
                    severity=_SEVERITIES[finding.severity],
                    problem=finding.problem,
                    fix=finding.fix,
                )
