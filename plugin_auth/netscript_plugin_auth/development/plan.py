"""``netscript auth dev``: auth-api on this machine, with a provider to sign in at, by one command.

Where nothing says which provider to use, the development provider runs beside it. Everything is checked
before anything starts.
"""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from netscript_auth_core.contract_v1 import AuthV1
from netscript_cli.supervisor.programs import Program
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.free_ports import LOOPBACK, require_free_port
from netscript_kernel.settings import Environment
from netscript_plugin_auth import plugin
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.development.provider import (
    CLIENT_ID,
    PROVIDER_ID,
    DevelopmentSettings,
    needs_provider,
    registration,
)
from netscript_plugin_auth.settings import PREFIX, AuthServiceSettings

_PROFILE = AuthServiceSettings.variable("profile")
_PORT = AuthServiceSettings.variable("port")
# A file of the working directory, typer.py say, is none of their modules.
_MODULE = (sys.executable, "-P", "-m")
_PROVIDER_MODULE = "netscript_dev_provider"


@dataclass(frozen=True, slots=True)
class DevelopmentPlan:
    """What is going to run.

    Attributes:
        programs: In the order in which they get ready.
        address: The one that a person opens.
        provider: Where people sign in, in words.
    """

    programs: tuple[Program, ...]
    address: str
    provider: str


def plan_development(environment: Environment) -> DevelopmentPlan:
    """Work out what to run, and check all of it.

    Args:
        environment: All variables.

    Raises:
        ConfigurationError: with every fault there is.
    """
    if environment.get(_PROFILE, "development") != "development":
        problem = "asks for another profile than development, which is what this command is for"
        raise ConfigurationError([Fault(_PROFILE, problem, "remove it, or run: netscript auth serve")])
    own = DevelopmentSettings.from_environment(environment)
    told = {**environment, _PROFILE: "development"}
    runs_provider = needs_provider(environment)
    client_secret = secrets.token_urlsafe(32)
    if runs_provider:
        told |= registration(own.provider_port, client_secret)
    settings = read_configuration(told).service
    require_free_port(settings.host, settings.port, _PORT)
    api = _api(settings, told)
    if not runs_provider:
        return DevelopmentPlan((api,), f"{settings.public_url}/", "the one that your settings name")
    _require_provider_package()
    require_free_port(LOOPBACK, own.provider_port, DevelopmentSettings.variable("provider_port"))
    provider = _provider(settings.public_url, own.provider_port, client_secret, environment)
    words = f"the development provider at http://localhost:{own.provider_port} (alice, bob, ...; no password)"
    return DevelopmentPlan((provider, api), f"{settings.public_url}/", words)


def _api(settings: AuthServiceSettings, environment: Mapping[str, str]) -> Program:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    service = plugin.manifest.contributions.services[0]
    ready = f"http://{host}:{settings.port}{service.health_path}"
    return Program(service.name, (*_MODULE, "netscript_plugin_auth"), environment, ready)


def _provider(public_url: str, port: int, client_secret: str, environment: Mapping[str, str]) -> Program:
    callback = f"{public_url}{AuthV1.prefix}/callback"
    command = (
        *(*_MODULE, _PROVIDER_MODULE),
        *("--port", str(port), "--client-id", CLIENT_ID),
        *("--redirect-uri", callback, "--redirect-uri", f"{callback}/{PROVIDER_ID}"),
        *("--post-logout-redirect-uri", f"{public_url}/signed-out"),
        *("--backchannel-logout-uri", f"{public_url}{AuthV1.prefix}/backchannel-logout/{PROVIDER_ID}"),
    )
    told = {
        **environment,
        _PROFILE: "development",
        "NETSCRIPT_DEV_PROVIDER_CLIENT_SECRET": client_secret,
    }
    ready = f"http://{LOOPBACK}:{port}/.well-known/openid-configuration"
    return Program("provider", command, told, ready)


def _require_provider_package() -> None:
    if find_spec(_PROVIDER_MODULE) is None:
        problem = "names no provider to sign in at, and the development provider is not installed"
        fix = f"pip install 'netscript-plugin-auth[dev]', or name a provider with {PREFIX}PROVIDER"
        raise ConfigurationError([Fault(f"{PREFIX}PROVIDER", problem, fix)])
