"""AuthKit as a provider: where people are sent, and what a code is traded for."""

from collections.abc import Mapping, Sequence
from typing import Final

from netscript_auth_core.domain import ProviderDescriptor
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.naming import PROVIDER

DESCRIPTOR: Final = ProviderDescriptor(id=PROVIDER, display_name="AuthKit", kind="oauth2")


class AuthKit:
    """The one provider; also the desk that :class:`FlowGate` asks for it.

    Args:
        calls: Knows its addresses, and redeems codes.
        issuer: Names the environment.
    """

    def __init__(self, calls: WorkOSCalls, issuer: str) -> None:
        self.calls = calls
        self.issuer = issuer

    @property
    def configs(self) -> Mapping[str, object]:
        """The one provider."""
        return {PROVIDER: DESCRIPTOR}

    async def get_for(self, provider_id: str, issuer: str) -> "AuthKit | None":
        """Return this, if a flow was begun with it and with this environment."""
        return self if (provider_id, issuer) == (PROVIDER, self.issuer) else None

    async def check_reachable(self) -> None:
        """Nothing of it is known beforehand."""

    def list(self) -> Sequence[ProviderDescriptor]:
        """Return the one provider."""
        return (DESCRIPTOR,)

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        """Return it by its id."""
        return DESCRIPTOR if provider_id == PROVIDER else None
