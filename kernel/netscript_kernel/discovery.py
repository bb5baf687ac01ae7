"""Where a service is: an orchestrator says it by ``services__<name>__http__0`` in the environment."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from netscript_kernel.addresses import service_address_problem
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.plain_names import is_plain_name

_SCHEMES: Final = ("https", "http")
_TOLD: Final = re.compile(r"services__(?P<service>.+)__https?__0")
_FIX: Final = "the address of the service {service}, such as http://127.0.0.1:8095"


def check_service_name(name: str) -> None:
    """Make sure that this can be the name of a service, as plugins give it.

    Raises:
        ValueError: it cannot.
    """
    if not is_plain_name(name):
        raise ValueError(f"{name!r} is no name of a service such as users-api")


def variables_for(service: str, scheme: str = "http") -> tuple[str, str]:
    """Return the variables that say where a service is: as orchestrators spell it, and as every shell can."""
    return f"services__{service}__{scheme}__0", f"services__{_in_shells(service)}__{scheme}__0"


def layered(lower: Mapping[str, str], upper: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of both, where the upper ones win.

    Where the upper ones say where a service is, whatever the lower ones say of it goes, in every spelling and
    scheme: nobody could tell otherwise which of them is meant.
    """
    told = {_service_of(each) for each in upper} - {None}
    kept = {name: value for name, value in lower.items() if _service_of(name) not in told}
    return {**kept, **upper}


def find_address(service: str, environment: Mapping[str, str], *, default: str | None = None) -> str:
    """Return the base URL of a service, without a slash at the end; https is taken before http.

    The name may be spelt as it is, ``services__users-api__http__0``, or with underscores, since most shells
    can set no variable with a hyphen.

    Args:
        service: Its name.
        environment: All variables.
        default: Where it is if nothing is set.

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
    if default is not None:
        return default
    _, variable = variables_for(service)
    raise ConfigurationError([Fault(variable, "is not set", _FIX.format(service=service))])


def _given(service: str, scheme: str, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for variable in variables_for(service, scheme):
        if variable in environment:
            yield variable, environment[variable].strip().rstrip("/")


def _service_of(variable: str) -> str | None:
    """Return which service a variable says the place of, spelt as in shells; ``None`` for another one."""
    told = _TOLD.fullmatch(variable)
    return None if told is None else _in_shells(told["service"])


def _in_shells(service: str) -> str:
    return re.sub("[.-]", "_", service)


def _checked(variable: str, value: str, scheme: str, service: str) -> str:
    problem = _problem(value, scheme)
    if problem is not None:
        raise ConfigurationError([Fault(variable, problem, _FIX.format(service=service))])
    return value


def _problem(value: str, scheme: str) -> str | None:
    if not value:
        return "is set but empty"
    if not value.lower().startswith(f"{scheme}://"):
        return f"is no {scheme} address"
    return service_address_problem(value)
