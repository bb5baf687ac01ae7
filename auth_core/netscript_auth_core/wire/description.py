"""What a service says of itself: what it can do, and with whom people sign in."""

from netscript_auth_core.domain import ProviderDescriptor
from netscript_kernel.contracts import WireModel
from netscript_kernel.plugin_contract import Description


class UnsupportedView(WireModel):
    """One thing that the active backend does not offer, and why."""

    capability: str
    reason: str


class BackendView(WireModel):
    """The active backend.

    Attributes:
        revocation_lag_seconds: The longest time for which a revoked session may still be answered.
        unsupported: What it does not offer.
        sign_in_url: Where people sign in, where that is not here and it is known.
    """

    name: str
    revocation_lag_seconds: float
    unsupported: tuple[UnsupportedView, ...] = ()
    sign_in_url: str | None = None


class DescribeView(Description):
    """What this service, so configured, can really do."""

    backend: BackendView


class ProvidersView(WireModel):
    """Providers to choose from."""

    providers: tuple[ProviderDescriptor, ...]
