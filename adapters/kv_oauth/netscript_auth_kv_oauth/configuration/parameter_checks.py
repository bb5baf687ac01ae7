"""Finds what is wrong with what an operator says of a provider beyond our registration there."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import SecretStr

from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.parameters import Parameter, ParameterKind, fill, names_in
from netscript_kernel.addresses import address_problem


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field; never with its value."""

    field: str
    problem: str
    fix: str


def parameter_problems(config: ProviderConfig, *, is_production: bool) -> Iterator[Problem]:
    """Yield what is missing, what cannot be used, and what nothing would read."""
    for name, parameter in config.preset.parameters.items():
        problem = _problem(config, name, parameter, is_production=is_production)
        if problem is not None:
            yield Problem(name, problem, parameter.advice)
    yield from _tenants(config)


def _problem(config: ProviderConfig, name: str, parameter: Parameter, *, is_production: bool) -> str | None:
    given = config.parameters.get(name)
    if given is None:
        is_needed = parameter.required and not _is_overruled(config, name)
        return f"is not set, and {config.display_name} needs it" if is_needed else None
    if isinstance(given, SecretStr):
        return _key_problem(given.get_secret_value())
    problem = parameter.problem(given)
    if problem is None and parameter.kind is ParameterKind.ADDRESS:
        problem = address_problem(given, allow_loopback_http=not is_production)
    if problem is None and given != parameter.default and _is_overruled(config, name):
        problem = "is set, and the issuer too, which says the same"
    return problem


def _key_problem(pem: str) -> str | None:
    # Here and not at the top: to read keys takes its time to import, and few providers have one.
    from netscript_auth_kv_oauth.provider.made_secrets import key_problem

    return key_problem(pem)


def _is_overruled(config: ProviderConfig, name: str) -> bool:
    """Whether the operator gave the whole issuer, and this is for nothing but the issuer."""
    template = config.preset.issuer or ""
    is_given = config.issuer != fill(template, config.parameters)
    elsewhere = {
        each for field, url in config.preset.templates() if field != "issuer" for each in names_in(url)
    }
    return is_given and name in names_in(template) - elsewhere


def _tenants(config: ProviderConfig) -> Iterator[Problem]:
    tenants = config.preset.id_token.tenants
    if tenants is None:
        return
    chosen, allowed = config.parameters.get(tenants.parameter), config.parameters.get(tenants.allowed)
    fix = config.preset.parameters[tenants.allowed].fix
    if chosen in tenants.many and allowed is None:
        problem = f"is not set, and {tenants.parameter} stands for everybody's"
        yield Problem(tenants.allowed, problem, fix)
    elif chosen not in tenants.many and allowed is not None:
        problem = f"is set, and {tenants.parameter} names the only one"
        yield Problem(tenants.allowed, problem, "remove it")
