"""Our registration at a provider, as the environment has it, and the provider that it makes."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator, SecretStr
from pydantic_settings import SettingsConfigDict

from netscript_auth_core.contract_v1 import AuthV1
from netscript_auth_kv_oauth.addresses import host_of
from netscript_auth_kv_oauth.preset_schema import ProviderPreset
from netscript_auth_kv_oauth.provider_checks import (
    CLIENT_ID_FIX,
    CLIENT_SECRET_FIX,
    ISSUER_FIX,
    REDIRECT_URI_FIX,
    SCOPES_FIX,
    find_problems,
)
from netscript_auth_kv_oauth.providers import ProviderConfig
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Fix, Settings, is_secret

PREFIX: Final = "NETSCRIPT_AUTH_"

AnySettings = TypeVar("AnySettings", bound=Settings)


def _split_scopes(value: object) -> object:
    return tuple(re.split(r"[\s,]+", value.strip())) if isinstance(value, str) else value


Scopes = Annotated[tuple[str, ...], BeforeValidator(_split_scopes)]


class Registration(Settings):
    """Our registration at one provider."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    client_id: Annotated[str | None, Fix(CLIENT_ID_FIX)] = None
    client_secret: Annotated[SecretStr | None, Fix(CLIENT_SECRET_FIX)] = None
    issuer: Annotated[str | None, Fix(ISSUER_FIX)] = None
    redirect_uri: Annotated[str | None, Fix(REDIRECT_URI_FIX)] = None
    scopes: Annotated[Scopes | None, Fix(SCOPES_FIX)] = None

    @classmethod
    def variables(cls) -> frozenset[str]:
        """Return the names of all variables that this is read from."""
        names = {field: cls.variable(field) for field in Registration.model_fields}
        secrets = [field for field, info in Registration.model_fields.items() if is_secret(info)]
        return frozenset([*names.values(), *(f"{names[field]}_FILE" for field in secrets)])


_FIELDS: Final = "|".join(field.upper() for field in Registration.model_fields)
_OF_ONE: Final = re.compile(rf"{PREFIX}PROVIDER_[A-Z0-9_]+_(?:{_FIELDS})(?:_FILE)?")


def is_of_one_of_several(variable: str) -> bool:
    """Whether a variable has the form ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``."""
    return _OF_ONE.fullmatch(variable) is not None


def registration_of(provider_id: str) -> type[Registration]:
    """Return the settings of one of several providers: ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``."""
    name = provider_id.upper().replace("-", "_")

    class RegistrationOfOne(Registration):
        """Our registration at this provider."""

        model_config = SettingsConfigDict(env_prefix=f"{PREFIX}PROVIDER_{name}_")

    return RegistrationOfOne


def read_what_can_be(
    read: Callable[[Environment], AnySettings], environment: Environment, faults: list[Fault]
) -> AnySettings:
    """Read settings without the variables that are wrong, so that more faults can be looked for.

    Args:
        read: Reads settings whose fields all have a default.
        environment: To read from.
        faults: Takes what is wrong.
    """
    sound = dict(environment)
    while True:
        try:
            return read(sound)
        except ConfigurationError as error:
            faults.extend(error.faults)
            for fault in error.faults:
                sound.pop(fault.variable, None)


def callback_of(public_url: str, provider_id: str | None) -> str:
    """Return the callback as the outside calls it; each of several providers has its own."""
    path = f"{public_url}{AuthV1.prefix}/callback"
    return path if provider_id is None else f"{path}/{provider_id}"


def make_config(
    provider_id: str, preset: ProviderPreset, registration: Registration, callback: str
) -> ProviderConfig:
    """Return the provider; what is missing stays empty, for the checks to find."""
    return ProviderConfig(
        id=provider_id,
        preset=preset,
        display_name=_display_name(provider_id, preset, registration),
        issuer=registration.issuer or preset.issuer or "",
        client_id=registration.client_id or "",
        client_secret=registration.client_secret,
        redirect_uri=registration.redirect_uri or callback,
        scopes=registration.scopes or preset.scopes,
    )


def _display_name(provider_id: str, preset: ProviderPreset, registration: Registration) -> str:
    """Return what people call the provider; the name of a protocol would tell them nothing."""
    if provider_id != preset.id:
        return provider_id.replace("-", " ").title()
    if preset.issuer is None and registration.issuer:
        return host_of(registration.issuer) or preset.display_name
    return preset.display_name


def find_faults(
    configs: Sequence[ProviderConfig], registrations: Sequence[Registration], *, is_production: bool
) -> list[Fault]:
    """Return what is wrong with the providers, each with the variable to set."""
    problems = find_problems(configs, is_production=is_production)
    return [
        Fault(type(registration).variable(problem.field), problem.problem, problem.fix)
        for registration, found in zip(registrations, problems, strict=True)
        for problem in found
    ]
