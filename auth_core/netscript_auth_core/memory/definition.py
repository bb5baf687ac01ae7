"""How the memory backend is opened: by ``definitions={"memory": definition}``, never by an entry point."""

from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.memory.backend import MemoryAuthBackend
from netscript_auth_core.memory.settings import MemoryBackendSettings
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.errors import ConfigurationError, Fault


async def open_backend(settings: MemoryBackendSettings, context: BackendContext) -> AuthBackendPort:
    """Build the backend.

    Raises:
        ConfigurationError: in production, where nobody may be let in by a name.
    """
    if context.is_production:
        problem = "names the memory backend, which lets in whoever is named and forgets all at every restart"
        fix = "an installed backend such as kv-oauth; or, on your own machine, NETSCRIPT_PROFILE=development"
        raise ConfigurationError([Fault("NETSCRIPT_AUTH_BACKEND", problem, fix)])
    return MemoryAuthBackend(
        context.users, context.clock, settings=settings, events=context.events, store=context.store
    )


definition = BackendDefinition(settings=MemoryBackendSettings, open=open_backend)
