"""Reads the whole configuration of auth-api from one mapping, and tells every fault in one go."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from typing import TypeVar

from netscript_auth_core.backends import AnyDefinition, BackendContext, find_backend
from netscript_auth_core.errors import BackendNotFoundError
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Settings, fix_of, gather_faults
from netscript_kernel.telemetry.settings import TelemetrySettings
from netscript_plugin_auth.development.provider import DevelopmentSettings, needs_provider, registration
from netscript_plugin_auth.extras import (
    Need,
    how_to_install,
    metrics_needs,
    require_extras,
    token_needs,
    trace_needs,
)
from netscript_plugin_auth.own_backends import EXTRAS
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.variables import check_variables

_PROFILE = AuthServiceSettings.variable("profile")
_BACKEND = AuthServiceSettings.variable("backend")
_EARLIER = AuthServiceSettings.variable("drain_backends")
_DEFAULT_BACKEND = "kv-oauth"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A backend with what it was told.

    Attributes:
        settings: An instance of ``definition.settings``.
    """

    definition: AnyDefinition
    settings: Settings

    async def open(self, context: BackendContext) -> AuthBackendPort:
        """Build it; see :class:`BackendDefinition`."""
        return await self.definition.open(self.settings, context)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the service was told.

    Attributes:
        service: Its own settings.
        backend: The active backend.
        earlier: Those whose sessions are honoured until they end.
        telemetry: Whether and where traces are sent.
    """

    service: AuthServiceSettings
    backend: Chosen
    earlier: tuple[Chosen, ...] = ()
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)


def read_configuration(
    environment: Environment, definitions: Mapping[str, AnyDefinition] | None = None
) -> Configuration:
    """Read everything, and start nothing.

    Args:
        environment: All variables.
        definitions: Backends beside the installed ones, for tests and embedding.

    Raises:
        ConfigurationError: with every fault of service, backend and variable names; never with a value.
    """
    given = definitions or {}
    refusals: list[ConfigurationError] = []
    service = _attempt(lambda: AuthServiceSettings.from_environment(environment), refusals)
    telemetry = _attempt(lambda: TelemetrySettings.from_environment(environment), refusals)
    _attempt(lambda: require_extras(_needs(service, telemetry)), refusals)
    backend = _attempt(lambda: choose_backend(environment, given), refusals)
    drained = _attempt(lambda: choose_earlier(environment, given), refusals)
    active = _attempt(lambda: _told(backend, environment), refusals) if backend is not None else None
    earlier = [
        _attempt(partial(_told_of_drained, name, definition, environment, refusals), refusals)
        for name, definition in (drained or {}).items()
    ]
    openable = None if drained is None else drained.values()
    _attempt(lambda: check_variables(environment, backend, given, openable), refusals)
    if service is None or telemetry is None or active is None or refusals:
        raise gather_faults(refusals) or RuntimeError("a part is missing, and nobody said why")
    return Configuration(service, active, tuple(each for each in earlier if each is not None), telemetry)


def as_the_service_reads_it(environment: Environment) -> Environment:
    """Return the environment as a service beside a command has it, for commands that ask no provider.

    What ``netscript auth dev`` fills in is filled in here, too; with another client secret, since that one
    is of each run.

    Raises:
        ConfigurationError: the port of the development provider is none.
    """
    if environment.get(_PROFILE) != "development" or not needs_provider(environment):
        return environment
    port = DevelopmentSettings.from_environment(environment).provider_port
    return {**environment, **registration(port, secrets.token_urlsafe(32))}


def _needs(service: AuthServiceSettings | None, telemetry: TelemetrySettings | None) -> Iterator[Need]:
    """Yield what the settings ask for; those that could not be read ask for nothing."""
    if service is not None:
        yield from token_needs(service)
        yield from metrics_needs(service)
    if telemetry is not None:
        yield from trace_needs(telemetry)


def _told(definition: AnyDefinition, environment: Environment) -> Chosen:
    return Chosen(definition, definition.settings.from_environment(environment))


def _told_of_drained(
    name: str, definition: AnyDefinition, environment: Environment, before: Iterable[ConfigurationError]
) -> Chosen:
    """Read what a drained backend was told; its faults say why anybody asks, unless they were told before."""
    try:
        return _told(definition, environment)
    except ConfigurationError as error:
        known = {fault.variable for each in before for fault in each.faults}
        why = f" (read by {name}, which {_EARLIER} names)"
        faults = [
            replace(each, problem=each.problem + why) for each in error.faults if each.variable not in known
        ]
        raise ConfigurationError(faults) from None


def _attempt(read: Callable[[], T], refusals: list[ConfigurationError]) -> T | None:
    try:
        return read()
    except ConfigurationError as error:
        refusals.append(error)
        return None


def choose_backend(
    environment: Environment, definitions: Mapping[str, AnyDefinition] | None = None
) -> AnyDefinition:
    """Return the backend that the environment names, or the default one; nothing else is read.

    Raises:
        ConfigurationError: none of that name is installed, or it cannot be imported.
    """
    name = environment.get(_BACKEND, _DEFAULT_BACKEND)
    if not name.strip():
        # In the words of the service's own settings, so that it is told once.
        fix = fix_of(AuthServiceSettings.model_fields["backend"])
        raise _fault(_BACKEND, "is set but empty", f"remove it, or set it: {fix}")
    return _find(name, _BACKEND, definitions)


def choose_earlier(
    environment: Environment, definitions: Mapping[str, AnyDefinition] | None = None
) -> dict[str, AnyDefinition]:
    """Return the definitions of the backends that are drained, by name: those that are named and not active.

    Raises:
        ConfigurationError: as :func:`choose_backend`.
    """
    # With the active one among them, swapping back and forth takes one variable.
    active = environment.get(_BACKEND, _DEFAULT_BACKEND)
    names = [name.strip() for name in environment.get(_EARLIER, "").split(",") if name.strip()]
    return {
        name: _find(name, _EARLIER, definitions, f"has an entry, number {position}, that ")
        for position, name in enumerate(names, start=1)
        if name != active
    }


def _find(
    name: str, variable: str, definitions: Mapping[str, AnyDefinition] | None, subject: str = ""
) -> AnyDefinition:
    try:
        return find_backend(name, definitions)
    except BackendNotFoundError as error:
        problem, fix = _unknown(name, error.installed)
        raise _fault(variable, subject + problem, fix) from error
    except Exception as error:
        problem = f"names an adapter that cannot be imported ({type(error).__name__}: {error})"
        raise _fault(variable, subject + problem, "reinstall it, or name another") from error


def _unknown(name: str, installed: tuple[str, ...]) -> tuple[str, str]:
    """Return what is wrong with a name, and what to do."""
    if name in EXTRAS:
        return "names a backend that is not installed", how_to_install(name)
    # The value itself may be a secret that was meant for another variable.
    beside = ", and has a blank or a line end beside it" if name != name.strip() else ""
    told = ", ".join(installed) or "none"
    close = get_close_matches(name.strip().lower(), [*installed, *EXTRAS], n=1)
    fix = f"did you mean {close[0]}? Installed: {told}" if close else f"one of the installed: {told}"
    return f"names no installed auth backend{beside}", fix


def _fault(variable: str, problem: str, fix: str) -> ConfigurationError:
    return ConfigurationError([Fault(variable, problem, fix)])
