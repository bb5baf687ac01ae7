"""From which network the running code was asked: known where requests are counted, told in events."""

from contextvars import ContextVar
from typing import Final

ASKING_NETWORK: Final[ContextVar[str | None]] = ContextVar("netscript_asking_network", default=None)
