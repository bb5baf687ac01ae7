"""Where a service is: an orchestrator says it by ``services__<name>__http__0`` in the environment."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.plain_names import is_plain_name

_SCHEMES: Final = ("https", "http")
_FIX: Final = "the address of the service {service}, such as http://127.0.0.1:8095"


def check_service_name(name: str) -> None:
    """Make sure that this can be the name of a service, as plugins give it.

    Raises:
        ValueError: it cannot.
    """
    if not is_plain_name(name):
        raise ValueError(f"{name!r} is no name of a service such as users-api")


def address_variable(service: str, scheme: str = "http") -> str:
    """Return the variable that says where a service is, in a spelling that every shell can set."""
    return f"services__{re.sub('[.-]', '_', service)}__{scheme}__0"


def find_address(service: str, environment: Mapping[str, str]) -> str:
    """Return the base URL of a service, without a slash at the end; https is taken before http.

    The name may be spelt as it is, ``services__users-api__http__0``, or with underscores, since most shells
    can set no variable with a hyphen.

    Raises:
        ConfigurationError: names the variable to set, and never says its value.
    """
    for scheme in _SCHEMES:
        given = dict(_given(service, scheme, environment))
        if len(set(given.values())) > 1:
            one, other = given
            raise ConfigurationError([Fault(one, f"says something else than {other}", "set only one")])
        for variable, value in given.items():
            return _checked(variable, value, scheme, service)
    fix = _FIX.format(service=service)
    raise ConfigurationError([Fault(address_variable(service), "is not set", fix)])


def _given(service: str, scheme: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for variable in (f"services__{service}__{scheme}__0", address_variable(service, scheme)):
        if variable in environment:
            yield variable, environment[variable].strip().rstrip("/")


def _checked(variable: str, value: str, scheme: str, service: str) -> str:
    problem = _problem(value, scheme)
    if problem is not None:
        raise ConfigurationError([Fault(variable, problem, _FIX.format(service=service))])
    return value


def _problem(value: str, scheme: str) -> str | None:
    if not value:
        return "is set but empty"
    try:
        parts = urlsplit(value)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "is no address"
    if parts.scheme != scheme or not is_whole:
        return f"is no {scheme} address"
    return "has a query or a fragment" if parts.query or parts.fragment else None
