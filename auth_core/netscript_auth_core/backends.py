"""How an adapter is registered, found and opened.

An adapter's distribution names a :class:`BackendDefinition` in the entry-point group
``netscript.auth_backends``; only the chosen one is imported.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeGuard, TypeVar

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.errors import BackendNotFoundError, CapabilityMismatchError
from netscript_auth_core.events import EventSink
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.settings import Settings

if TYPE_CHECKING:
    from netscript_auth_core.catalogue import KnownProvider
    from netscript_auth_core.checks import Check, CheckContext

GROUP = "netscript.auth_backends"

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, slots=True)
class BackendContext:
    """What the service hands to the backend that it opens.

    Attributes:
        public_url: What the outside calls the service, without a trailing slash, such as
            ``https://auth.acme.example``.
        is_production: Whether insecure shortcuts (plain HTTP to a provider) are forbidden.
        store: Shared; the service closes it.
        keys: Shared; seals what is stored, derives signing keys.
        users: Shared; gives our user ids.
        events: Takes what the backend does on its own, such as refreshes.
    """

    public_url: str
    is_production: bool
    store: KvStorePort
    keys: SealingKeys
    users: UserDirectory
    clock: Clock
    events: EventSink


@dataclass(frozen=True, slots=True)
class BackendDefinition(Generic[S]):
    """What an adapter registers: the settings it reads and how it is opened with them.

    Attributes:
        settings: Read by the service from its environment, so that all faults are told together.
        open: Builds the backend; does no network calls yet (``start`` does).
        catalogue: Tells which providers it knows by name; ``None`` where that is not its way.
        checks: Returns what ``netscript auth doctor`` looks at besides, such as whether the upstream takes
            our key; ``None`` where there is nothing to look at.
    """

    settings: type[S]
    open: Callable[[S, BackendContext], Awaitable[AuthBackendPort]]
    catalogue: "Callable[[], Sequence[KnownProvider]] | None" = None
    checks: "Callable[[S, CheckContext], Sequence[Check]] | None" = None


AnyDefinition = BackendDefinition[Any]


@cache  # a configuration is read with many looks at them, and each would read what is told of all packages
def installed_backends() -> Mapping[str, EntryPoint]:
    """Return the names of all adapters installed when it is first called, without importing any."""
    return MappingProxyType({point.name: point for point in entry_points(group=GROUP)})


def find_backend(name: str, definitions: Mapping[str, AnyDefinition] | None = None) -> AnyDefinition:
    """Return the definition of one backend, importing that adapter alone.

    Args:
        name: Exactly as registered.
        definitions: For tests and embedding: looked at before the installed ones.

    Raises:
        BackendNotFoundError: names what is installed.
    """
    given = definitions or {}
    if name in given:
        return given[name]
    installed = installed_backends()
    if name not in installed:
        raise BackendNotFoundError(name, [*given, *installed])
    loaded: object = installed[name].load()
    if not _is_definition(loaded):
        raise CapabilityMismatchError(name, f"its entry point in {GROUP} is no BackendDefinition")
    return loaded


def check_capabilities(backend: AuthBackendPort) -> None:
    """Refuse a backend whose declaration and parts do not fit together, or that begins what it cannot end.

    Raises:
        CapabilityMismatchError: says which.
    """
    flow = {Capability.SIGNIN, Capability.CALLBACK}
    offered = flow & backend.capabilities.offered
    if offered and backend.interactive is None:
        told = " and ".join(sorted(offered))
        raise CapabilityMismatchError(backend.name, f"it offers {told} but has no interactive part")
    if backend.interactive is not None and offered != flow:
        told = " and ".join(sorted(flow - offered))
        raise CapabilityMismatchError(backend.name, f"it has an interactive part but does not offer {told}")
    if Capability.STEP_UP in backend.capabilities and not offered:
        raise CapabilityMismatchError(backend.name, "it offers step_up, which is a sign-in, but not signin")
    begins = offered | ({Capability.CREATE_SESSIONS} & backend.capabilities.offered)
    if begins and Capability.REVOKE not in backend.capabilities:
        # Signing out could only forget the cookie then, and a copy of it would still let somebody in.
        told = " and ".join(sorted(begins))
        raise CapabilityMismatchError(backend.name, f"it offers {told}, so it has to offer revoke too")
    if backend.signout is not None and Capability.REVOKE not in backend.capabilities:
        raise CapabilityMismatchError(backend.name, "it has a sign-out part but does not offer revoke")
    takes_logouts = Capability.UPSTREAM_LOGOUT in backend.capabilities
    if takes_logouts and backend.upstream_logout is None:
        raise CapabilityMismatchError(backend.name, "it offers upstream_logout but has no such part")
    if backend.upstream_logout is not None and not takes_logouts:
        raise CapabilityMismatchError(backend.name, "it has a part for upstream_logout but does not offer it")


def _is_definition(value: object) -> TypeGuard[AnyDefinition]:
    return isinstance(value, BackendDefinition)
