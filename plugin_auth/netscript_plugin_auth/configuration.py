"""Reads the whole configuration of auth-api from one mapping, and tells every fault in one go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from netscript_auth_core.backends import AnyDefinition, BackendContext, find_backend
from netscript_auth_core.errors import BackendNotFoundError
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Settings, gather_faults
from netscript_plugin_auth.own_backends import EXTRAS, how_to_install
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.variables import check_variables

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
    """

    service: AuthServiceSettings
    backend: Chosen
    earlier: tuple[Chosen, ...] = ()


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
    backend = _attempt(lambda: choose_backend(environment, given), refusals)
    drained = _attempt(lambda: choose_earlier(environment, given), refusals)
    found: list[AnyDefinition] = [each for each in (backend, *(drained or ())) if each is not None]
    chosen = [_told(each, environment, refusals) for each in found]
    _attempt(lambda: check_variables(environment, backend, given, drained), refusals)
    if service is None or backend is None or refusals:
        raise gather_faults(refusals) or RuntimeError("a part is missing, and nobody said why")
    active, *earlier = (each for each in chosen if each is not None)
    return Configuration(service, active, tuple(earlier))


def _told(
    definition: AnyDefinition, environment: Environment, refusals: list[ConfigurationError]
) -> Chosen | None:
    settings = _attempt(lambda: definition.settings.from_environment(environment), refusals)
    return Chosen(definition, settings) if settings is not None else None


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
        raise _fault(_BACKEND, "is set but empty", "remove it, or name an installed auth backend")
    return _find(name, _BACKEND, definitions)


def choose_earlier(
    environment: Environment, definitions: Mapping[str, AnyDefinition] | None = None
) -> tuple[AnyDefinition, ...]:
    """Return the definitions of the backends that are drained: those that are named and not active.

    Raises:
        ConfigurationError: as :func:`choose_backend`.
    """
    # With the active one among them, swapping back and forth takes one variable.
    active = environment.get(_BACKEND, _DEFAULT_BACKEND)
    names = (name.strip() for name in environment.get(_EARLIER, "").split(","))
    return tuple(_find(name, _EARLIER, definitions) for name in names if name and name != active)


def _find(name: str, variable: str, definitions: Mapping[str, AnyDefinition] | None) -> AnyDefinition:
    try:
        return find_backend(name, definitions)
    except BackendNotFoundError as error:
        raise _unknown(name, variable, error.installed) from error
    except Exception as error:
        problem = f"names an adapter that cannot be imported ({type(error).__name__}: {error})"
        raise _fault(variable, problem, "reinstall it, or name another") from error


def _unknown(name: str, variable: str, installed: tuple[str, ...]) -> ConfigurationError:
    if name in EXTRAS:
        return _fault(variable, "names a backend that is not installed", how_to_install(name))
    told = ", ".join(installed) or "none"
    close = get_close_matches(name.strip().lower(), [*installed, *EXTRAS], n=1)
    fix = f"did you mean {close[0]}? Installed: {told}" if close else f"one of the installed: {told}"
    return _fault(variable, "names no installed auth backend", fix)


def _fault(variable: str, problem: str, fix: str) -> ConfigurationError:
    return ConfigurationError([Fault(variable, problem, fix)])
