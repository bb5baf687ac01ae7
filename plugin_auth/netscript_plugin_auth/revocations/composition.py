"""Puts the feed together, as the configuration names who may listen."""

from collections.abc import Callable

from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import KvStorePort
from netscript_plugin_auth.limits.limiter import RateLimits
from netscript_plugin_auth.revocations.credentials import ServiceCredentials, parse_credentials
from netscript_plugin_auth.revocations.feed import RevocationFeed
from netscript_plugin_auth.revocations.log_follower import LogFollower
from netscript_plugin_auth.revocations.watch import RevocationWatch
from netscript_plugin_auth.settings import AuthServiceSettings


def revocation_feed(
    settings: AuthServiceSettings,
    backend: str,
    store: KvStorePort,
    clock: Clock,
    limits: RateLimits,
    count: Callable[[int], object] | None = None,
) -> RevocationFeed:
    """Return the feed; where nobody may listen it says so.

    Args:
        settings: Name who may.
        backend: The name of the active one.
        store: Where the log is.
        clock: The service's.
        limits: Those of other handlers.
        count: Is told how many listen.
    """
    named = settings.service_credentials
    credentials = ServiceCredentials(parse_credentials(named.get_secret_value())) if named else None
    watch = RevocationWatch(LogFollower(store, clock), clock, backend, count=count or (lambda _: None))
    return RevocationFeed(backend, credentials, watch, limits)
