"""What the memory backend reads from the environment."""

from datetime import timedelta
from typing import Annotated

from pydantic_settings import SettingsConfigDict

from netscript_kernel.settings import Duration, Fix, Settings


class MemoryBackendSettings(Settings):
    """The limits of its sessions: ``NETSCRIPT_AUTH_SESSION_TTL`` and ``_SESSION_IDLE_TTL``."""

    model_config = SettingsConfigDict(env_prefix="NETSCRIPT_AUTH_")

    session_ttl: Annotated[Duration, Fix("how long a session lasts at most, such as 7d")] = timedelta(days=7)
    session_idle_ttl: Annotated[Duration, Fix("how long it lasts unused, such as 24h")] = timedelta(hours=24)
