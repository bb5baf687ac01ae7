"""Reads the whole configuration of auth-api from one mapping, and tells every fault in one go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from netscript_auth_core.backends import AnyDefinition, find_backend
from netscript_auth_core.errors import BackendNotFoundError
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Settings, gather_faults
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.variables import check_variables

_BACKEND = AuthServiceSettings.variable("backend")
_DEFAULT_BACKEND = "kv-oauth"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the service was told.

    Attributes:
        service: Its own settings.
        backend: The chosen backend.
        backend_settings: An instance of ``backend.settings``.
    """

    service: AuthServiceSettings
    backend: AnyDefinition
    backend_settings: Settings


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
    settings = _attempt(lambda: backend.settings.from_environment(environment), refusals) if backend else None
    _attempt(lambda: check_variables(environment, backend, given), refusals)
    if service is None or backend is None or settings is None or refusals:
        raise gather_faults(refusals) or RuntimeError("a part is missing, and nobody said why")
    return Configuration(service, backend, settings)


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
        raise _fault("is set but empty", "remove it, or name an installed auth backend")
    try:
        return find_backend(name, definitions)
    except BackendNotFoundError as error:
        raise _unknown(name, error.installed) from error
    except Exception as error:
        problem = f"names an adapter that cannot be imported ({type(error).__name__}: {error})"
        raise _fault(problem, "reinstall it, or name another") from error


def _unknown(name: str, installed: tuple[str, ...]) -> ConfigurationError:
    told = ", ".join(installed) or "none"
    close = get_close_matches(name.strip().lower(), installed, n=1)
    fix = f"did you mean {close[0]}? Installed: {told}" if close else f"one of the installed: {told}"
    return _fault("names no installed auth backend", fix)


def _fault(problem: str, fix: str) -> ConfigurationError:
    return ConfigurationError([Fault(_BACKEND, problem, fix)])
