"""One backend as a whole."""

from typing import Protocol, runtime_checkable

from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.ports.parts import (
    InteractivePort,
    PrincipalsPort,
    ProvidersPort,
    SessionsPort,
    TokensPort,
)
from netscript_auth_core.ports.sealed import SealedSecretsPort
from netscript_auth_core.ports.signout import SignoutPort, UpkeepPort
from netscript_auth_core.ports.upstream_logout import UpstreamLogoutPort
from netscript_auth_core.ports.values import AuthRequest, Outcome


@runtime_checkable
class AuthBackendPort(Protocol):
    """One backend, as the service composes it."""

    @property
    def name(self) -> str:
        """The name under which it is selected."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can really do, so configured. The conformance kit holds it to this."""
        ...

    @property
    def providers(self) -> ProvidersPort:
        """Providers to choose from."""
        ...

    @property
    def sessions(self) -> SessionsPort:
        """Its sessions."""
        ...

    @property
    def tokens(self) -> TokensPort:
        """Its session tokens."""
        ...

    @property
    def principals(self) -> PrincipalsPort:
        """Its principals."""
        ...

    @property
    def interactive(self) -> InteractivePort | None:
        """Sign-in through us, or ``None`` where the upstream hosts it."""
        ...

    @property
    def signout(self) -> SignoutPort | None:
        """Sign-out that reaches the upstream too, or ``None`` where sessions can only be revoked."""
        ...

    @property
    def upkeep(self) -> UpkeepPort | None:
        """Work that no request waits for, or ``None`` where there is none."""
        ...

    @property
    def sealed(self) -> SealedSecretsPort | None:
        """What it keeps under the service's keys, or ``None`` where it seals nothing with them."""
        ...

    @property
    def upstream_logout(self) -> UpstreamLogoutPort | None:
        """Sign-outs that an upstream tells us of, or ``None`` where none does."""
        ...

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks.

        Every request waits for this. A backend that keeps its sessions here needs one token check, constant
        in time, and one read of the store; one whose upstream keeps them may have to ask it: about each
        request, at first contact, or when a credential is due to be renewed. An identity provider that is
        away fails no answer that its sessions can give without it.

        Raises:
            BackendUnavailableError: could not find out.
        """
        ...

    async def start(self) -> None:
        """Get ready to answer. An upstream that is away delays no start."""
        ...

    async def check_health(self) -> None:
        """Return if reads can be answered.

        Raises:
            BackendUnavailableError: says what is away.
        """
        ...

    async def aclose(self) -> None:
        """Finish what is under way and let go of everything. Closing twice is no fault."""
        ...
