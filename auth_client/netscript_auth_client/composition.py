"""Puts an authority together, as the environment configures it."""

import os

from netscript_auth_client.asking.ask_authority import AskAuthority
from netscript_auth_client.authority import Authority
from netscript_auth_client.local.local_authority import LocalAuthority
from netscript_auth_client.own_variables import ASK, LOCAL, chosen_mode
from netscript_auth_client.settings import CallerSettings
from netscript_kernel.settings import Environment


def create_authority(environment: Environment | None = None) -> Authority:
    """Return what finds out who calls.

    Args:
        environment: With ``NETSCRIPT_CALLERS_*``; without one, that of the process.

    Raises:
        ConfigurationError: with every fault, each naming its variable and what to set.
    """
    said = os.environ if environment is None else environment
    chosen_mode(said, (ASK, LOCAL))
    settings = CallerSettings.from_environment(said)
    if settings.audience is None or settings.feed_secret is None:
        return AskAuthority(
            settings.auth_url,
            public_url=settings.public_url,
            cookies=settings.cookies,
            allowed_origins=settings.allowed_origins,
        )
    return LocalAuthority(
        settings.auth_url,
        audience=settings.audience,
        feed_secret=settings.feed_secret.get_secret_value(),
        public_url=settings.public_url,
        max_silence=settings.max_silence,
    )
