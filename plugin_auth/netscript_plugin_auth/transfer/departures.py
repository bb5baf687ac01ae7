"""Sessions that leave: of everybody, from every backend that lets them go."""

from collections.abc import AsyncIterator, Mapping, Sequence

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.ports import (
    AuthBackendPort,
    KeepsPortableSessions,
    PortableSession,
    PortableSessionsPort,
)
from netscript_plugin_auth.opening import Opened


def portable_sessions(parts: Opened) -> Mapping[str, PortableSessionsPort]:
    """Return what lets sessions go and takes them, by the names of the backends, drained ones too."""
    found = [each for each in all_backends(parts) if isinstance(each, KeepsPortableSessions)]
    return {each.name: each.portable_sessions for each in found}


def all_backends(parts: Opened) -> Sequence[AuthBackendPort]:
    """Return the active backend, then those that are drained."""
    return (parts.active, *parts.earlier)


async def departures(parts: Opened) -> AsyncIterator[PortableSession | None]:
    """Yield the active sessions, person by person; ``None`` for each that stays behind.

    Raises:
        BackendUnavailableError: could not find out.
        StoreUnavailableError: likewise.
    """
    backends = portable_sessions(parts).values()
    async for user in UserDirectory(parts.store, parts.clock).everybody():
        for backend in backends:
            async for portable in backend.of_user(user):
                yield portable
