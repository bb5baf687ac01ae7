"""Runs all checks side by side, each for some seconds at most."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from netscript_auth_core.backends import AnyDefinition
from netscript_auth_core.checks import Check, CheckContext, Finding, Severity
from netscript_kernel.clock import Clock, SystemClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.settings import Environment
from netscript_plugin_auth.configuration import (
    Chosen,
    Configuration,
    as_the_service_reads_it,
    read_configuration,
)
from netscript_plugin_auth.doctor.addresses import address_checks
from netscript_plugin_auth.doctor.installation import installation_checks
from netscript_plugin_auth.doctor.keys import key_checks
from netscript_plugin_auth.doctor.live import live_checks
from netscript_plugin_auth.doctor.services import service_checks
from netscript_plugin_auth.doctor.store import store_checks

LIMIT = timedelta(seconds=15)
CONFIGURATION: Final = "configuration"
"""The id of the check that tells faults of the configuration."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One check that was made."""

    id: str
    findings: Sequence[Finding]


async def examine(
    environment: Environment,
    *,
    live: str | None = None,
    clock: Clock | None = None,
    definitions: Mapping[str, AnyDefinition] | None = None,
    limit: timedelta = LIMIT,
) -> Sequence[Examined]:
    """Make every check that can be made, and return what they found, in their order.

    Without a sound configuration only its faults are told, and what needs none is looked at.

    Args:
        environment: All variables.
        live: The address of a running service, to be asked too.
        clock: The machine's by default.
        definitions: Backends beside the installed ones.
        limit: For each check.
    """
    time = SystemClock() if clock is None else clock
    checks = list(installation_checks())
    configuration: Configuration | None = None
    faults: Sequence[Finding] = ()
    try:
        configuration = read_configuration(as_the_service_reads_it(environment), definitions)
    except ConfigurationError as error:
        faults = [
            Finding(Severity.ERROR, f"{each.variable} {each.problem}", each.fix) for each in error.faults
        ]
    if configuration is not None:
        checks += _configured_checks(configuration, environment, time)
    if live is not None:
        checks += _live_checks(live, configuration)
    made = await asyncio.gather(*(_made(check, limit) for check in checks))
    return (Examined(CONFIGURATION, faults), *made)


def _live_checks(url: str, configuration: Configuration | None) -> Sequence[Check]:
    if configuration is None:
        return live_checks(url, None)
    return live_checks(url, configuration.service.backend, configuration.service.public_url)


def _configured_checks(
    configuration: Configuration, environment: Environment, clock: Clock
) -> Sequence[Check]:
    settings = configuration.service
    context = CheckContext(settings.public_url, settings.is_production, clock)
    own = [
        *address_checks(settings),
        *key_checks(settings, environment),
        *service_checks(settings),
        *store_checks(configuration, clock),
    ]
    for chosen in (configuration.backend, *configuration.earlier):
        own += _checks_of(chosen, context)
    return own


def _checks_of(chosen: Chosen, context: CheckContext) -> Sequence[Check]:
    """Return the checks of a backend; where it breaks while it names them, one that tells so."""
    if chosen.definition.checks is None:
        return ()
    try:
        return tuple(chosen.definition.checks(chosen.settings, context))
    except Exception as error:  # noqa: BLE001 - a stranger's code raises anything, in any words
        broken = _broken(error)

    async def tell() -> Sequence[Finding]:
        return (broken,)

    return (Check("backend.checks", tell),)


async def _made(check: Check, limit: timedelta) -> Examined:
    try:
        async with asyncio.timeout(limit.total_seconds()):
            return Examined(check.id, await check.look())
    except TimeoutError:
        problem, fix = "the check did not end in time", "see whether what it asks is reached from here"
        return Examined(check.id, (Finding(Severity.ERROR, problem, fix),))
    except Exception as error:  # noqa: BLE001 - a stranger's check raises anything, in any words
        return Examined(check.id, (_broken(error),))


def _broken(error: Exception) -> Finding:
    """Return what is told of code that breaks: not its words, in which there may be a secret."""
    problem = f"the check could not be made ({type(error).__name__})"
    return Finding(Severity.ERROR, problem, "tell whoever wrote it")
