"""Memory backends with one fault each, and the rule of the kit that has to find it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.provider import PretendProvider
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.signin import MemorySignin
from netscript_auth_core.memory.signout import MemorySignout, MemoryUpkeep
from netscript_auth_core.memory.tokens import MemoryTokens
from netscript_auth_core.memory.upstream_logout import MemoryUpstreamLogout


@dataclass(frozen=True)
class Fault:
    """A broken backend.

    Attributes:
        rule: The kit's test that has to fail.
        case: The test's parameters, where it has some.
    """

    backend: type[MemoryAuthBackend]
    rule: str
    case: Mapping[str, object] = field(default_factory=dict[str, object])

    def __str__(self) -> str:
        return f"{self.backend.__name__}-{self.rule}"


def with_signin(part: type[MemorySignin]) -> type[MemoryAuthBackend]:
    """A memory backend with another interactive part."""

    def change(backend: MemoryAuthBackend) -> None:
        backend.interactive.__class__ = part

    return _changed(part.__name__, change)


def with_sessions(part: type[MemorySessions]) -> type[MemoryAuthBackend]:
    """A memory backend with other sessions."""

    def change(backend: MemoryAuthBackend) -> None:
        backend.sessions.__class__ = part

    return _changed(part.__name__, change)


def with_tokens(part: type[MemoryTokens]) -> type[MemoryAuthBackend]:
    """A memory backend with other tokens."""

    def change(backend: MemoryAuthBackend) -> None:
        backend.tokens.__class__ = part

    return _changed(part.__name__, change)


def with_signout(part: type[MemorySignout]) -> type[MemoryAuthBackend]:
    """A memory backend with another sign-out part."""

    def change(backend: MemoryAuthBackend) -> None:
        backend.signout.__class__ = part

    return _changed(part.__name__, change)


def with_upkeep(part: type[MemoryUpkeep]) -> type[MemoryAuthBackend]:
    """A memory backend with another upkeep."""

    def change(backend: MemoryAuthBackend) -> None:
        backend.upkeep.__class__ = part

    return _changed(part.__name__, change)


def with_upstream_logout(part: type[MemoryUpstreamLogout]) -> type[MemoryAuthBackend]:
    """A memory backend that takes sign-outs of its provider in another way."""

    def change(backend: MemoryAuthBackend) -> None:
        backend.upstream_logout.__class__ = part

    return _changed(part.__name__, change)


def with_provider(part: type[PretendProvider]) -> type[MemoryAuthBackend]:
    """A memory backend that talks to its provider in another way."""

    def change(backend: MemoryAuthBackend) -> None:
        backend.pretend_provider.__class__ = part

    return _changed(part.__name__, change)


def _changed(name: str, change: Callable[[MemoryAuthBackend], None]) -> type[MemoryAuthBackend]:
    class Changed(MemoryAuthBackend):
        async def start(self) -> None:
            change(self)
            await super().start()

    Changed.__name__ = name
    return Changed
