"""The development provider: when it stands in for one that nobody named, and how auth-api knows it."""

from typing import Annotated

from pydantic import Field

from netscript_kernel.settings import Environment, Fix, Settings
from netscript_plugin_auth.settings import PREFIX, AuthServiceSettings

PROVIDER_ID = "development-provider"
CLIENT_ID = "netscript-dev"

_BACKEND = AuthServiceSettings.variable("backend")
_BACKEND_WITH_PROVIDERS = "kv-oauth"
_SAYS_WHICH_PROVIDER = (f"{PREFIX}PROVIDER", f"{PREFIX}ISSUER", f"{PREFIX}CLIENT_")


class DevelopmentSettings(Settings):
    """What ``netscript auth dev`` itself reads."""

    provider_port: Annotated[int, Field(ge=1, le=65535), Fix("a port number such as 9094")] = Field(
        default=9094, validation_alias="NETSCRIPT_DEV_PROVIDER_PORT"
    )


def needs_provider(environment: Environment) -> bool:
    """Whether the backend wants a provider, and nothing names one."""
    if environment.get(_BACKEND, _BACKEND_WITH_PROVIDERS) != _BACKEND_WITH_PROVIDERS:
        return False
    return not any(name.startswith(_SAYS_WHICH_PROVIDER) for name in environment)


def registration(port: int, client_secret: str) -> dict[str, str]:
    """Return the variables by which auth-api knows the development provider at a port."""
    name = PROVIDER_ID.upper().replace("-", "_")
    of_one = f"{PREFIX}PROVIDER_{name}_"
    return {
        f"{PREFIX}PROVIDERS": PROVIDER_ID,
        f"{of_one}ISSUER": f"http://localhost:{port}",
        f"{of_one}CLIENT_ID": CLIENT_ID,
        f"{of_one}CLIENT_SECRET": client_secret,
        f"{of_one}END_SESSION": "true",
    }
