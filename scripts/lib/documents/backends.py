"""What each backend says that it can do, as tables for docs/backends.md and docs/swap-backends.md."""

from collections.abc import Mapping
from typing import Final

from cryptography.fernet import Fernet

from documents.tables import table
from netscript_auth_core.backends import BackendContext, find_backend
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.events import LogEventSink
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore

_KV_OAUTH: Final = {
    "NETSCRIPT_AUTH_ISSUER": "https://login.acme.example",
    "NETSCRIPT_AUTH_CLIENT_ID": "id",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "secret",
}
_WORKOS: Final = {"WORKOS_API_KEY": "sk_test_1", "WORKOS_CLIENT_ID": "client_1"}
_BETTER_AUTH: Final = {"BETTER_AUTH_URL": "https://app.acme.example"}
# Each way that a backend can be configured to stand behind auth-api; the name of the backend comes first.
WAYS: Final[Mapping[str, Mapping[str, str]]] = {
    "kv-oauth": _KV_OAUTH,
    "workos": {**_WORKOS, "WORKOS_COOKIE_PASSWORD": Fernet.generate_key().decode()},
    "workos, interactive": {**_WORKOS, "NETSCRIPT_AUTH_WORKOS_INTERACTIVE": "true"},
    "better-auth": _BETTER_AUTH,
    "better-auth, jwt": {**_BETTER_AUTH, "NETSCRIPT_AUTH_BETTER_AUTH_MODE": "jwt"},
}


async def all_capabilities() -> dict[str, Capabilities]:
    """Return what the backend says of itself, for each way."""
    return {way: await _capabilities(way, environment) for way, environment in WAYS.items()}


def capability_table(ways: Mapping[str, Capabilities]) -> str:
    """Return what can be done with which, and how long a revocation elsewhere takes to be seen."""
    rows = [
        [f"`{each.value}`", *("yes" if each in can else "no" for can in ways.values())] for each in Capability
    ]
    lag = [f"{int(can.revocation_lag.total_seconds())} s" for can in ways.values()]
    return table(["can", *ways], [*rows, ["a revocation elsewhere is seen within", *lag]])


def refusal_table(ways: Mapping[str, Capabilities]) -> str:
    """Return what is refused, by which, and why, in the words that the API answers with."""
    refusing: dict[tuple[Capability, str], list[str]] = {}
    for way, can in ways.items():
        for capability, reason in can.refused.items():
            refusing.setdefault((capability, reason), []).append(way)
    # What the same ones refuse for the same reason is one row.
    rows: dict[tuple[str, str], list[Capability]] = {}
    for (capability, reason), by in refusing.items():
        rows.setdefault(("; ".join(by), reason), []).append(capability)
    return table(
        ("by", "refused", "because"),
        ((by, ", ".join(f"`{each}`" for each in refused), reason) for (by, reason), refused in rows.items()),
    )


async def _capabilities(way: str, environment: Mapping[str, str]) -> Capabilities:
    definition, clock = find_backend(way.partition(",")[0]), SettableClock()
    store = MemoryKvStore(clock)
    context = BackendContext(
        public_url="https://auth.acme.example",
        is_production=True,
        store=store,
        keys=KeyRing([b"k" * 32]),
        users=UserDirectory(store, clock),
        clock=clock,
        events=LogEventSink(),
    )
    backend = await definition.open(definition.settings.from_environment(environment), context)
    try:
        return backend.capabilities
    finally:
        await backend.aclose()
