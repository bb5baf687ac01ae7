"""Our registration at a provider, as the environment has it."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from pydantic import BeforeValidator, SecretStr, create_model
from pydantic_settings import SettingsConfigDict

from netscript_auth_core.contract_v1 import AuthV1
from netscript_auth_kv_oauth.configuration.provider_checks import (
    CLIENT_ID_FIX,
    CLIENT_SECRET_FIX,
    ISSUER_FIX,
    REDIRECT_URI_FIX,
    RESPONSE_ISSUER_FIX,
    REVOCATION_FIX,
    SCOPES_FIX,
)
from netscript_auth_kv_oauth.presets.files import parameter_names
from netscript_auth_kv_oauth.presets.protocol import Revocation
from netscript_auth_kv_oauth.presets.schema import ProviderPreset
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Fix, Settings, is_secret

PREFIX: Final = "NETSCRIPT_AUTH_"
PRESET_FIX: Final = "which preset this is, such as keycloak, where the name itself is none"
_FILE: Final = "_FILE"

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
    response_issuer: Annotated[str | None, Fix(RESPONSE_ISSUER_FIX)] = None
    redirect_uri: Annotated[str | None, Fix(REDIRECT_URI_FIX)] = None
    scopes: Annotated[Scopes | None, Fix(SCOPES_FIX)] = None
    end_session: Annotated[bool | None, Fix("true or false")] = None
    revocation: Annotated[Revocation | None, Fix(REVOCATION_FIX)] = None


class RegistrationOfOne(Registration):
    """Our registration at one of several providers.

    Attributes:
        preset: Which one it is, where its name does not say so.
    """

    preset: Annotated[str | None, Fix(PRESET_FIX)] = None


class Parameters(Settings):
    """What else the operator says of one provider; the fields are those of its preset."""


def registration_of(provider_id: str) -> type[RegistrationOfOne]:
    """Return the settings of one of several providers: ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``."""
    name = provider_id.upper().replace("-", "_")

    class RegistrationNamed(RegistrationOfOne):
        """Our registration at this provider."""

        model_config = SettingsConfigDict(env_prefix=f"{PREFIX}PROVIDER_{name}_")

    return RegistrationNamed


def parameters_of(preset: ProviderPreset | None, registration: Registration) -> type[Parameters]:
    """Return the settings of a preset's parameters, beside those of our registration there."""

    class ParametersBeside(Parameters):
        """What else there is to say of this provider."""

        model_config = SettingsConfigDict(env_prefix=prefix_of(registration))

    fields: dict[str, Any] = {
        name: (Annotated[SecretStr | None if each.is_secret else str | None, Fix(each.advice)], None)
        for name, each in (preset.parameters if preset else {}).items()
    }
    return create_model("ParametersBeside", __base__=ParametersBeside, **fields)


def prefix_of(registration: Registration) -> str:
    """Return what the variables of a registration begin with."""
    return str(type(registration).model_config.get("env_prefix", PREFIX))


def variables_of(settings: type[Settings]) -> frozenset[str]:
    """Return the names of all variables that settings are read from."""
    names = {field: settings.variable(field) for field in settings.model_fields}
    secrets = [field for field, info in settings.model_fields.items() if is_secret(info)]
    return frozenset([*names.values(), *(f"{names[field]}{_FILE}" for field in secrets)])


def is_parameter(variable: str) -> bool:
    """Whether a variable is the short form of some preset's parameter."""
    name = variable.removeprefix(PREFIX).removesuffix(_FILE).lower()
    return variable.startswith(PREFIX) and name in parameter_names()


def is_of_one_of_several(variable: str) -> bool:
    """Whether a variable has the form ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``."""
    begins = f"{PREFIX}PROVIDER_"
    if not variable.startswith(begins):
        return False
    rest = variable.removeprefix(begins).removesuffix(_FILE).lower()
    known = (*RegistrationOfOne.model_fields, *parameter_names())
    return any(rest.endswith(f"_{field}") and rest != f"_{field}" for field in known)


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
