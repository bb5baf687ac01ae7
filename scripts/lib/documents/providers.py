"""The table of providers in docs/providers.md, from the presets."""

from documents.tables import table
from netscript_auth_core.catalogue import KnownProvider
from netscript_auth_kv_oauth.configuration.catalogue import known_providers

_PREFIX = "NETSCRIPT_AUTH_"
_OF_EVERY_CLIENT = {"PROVIDER", "CLIENT_ID", "CLIENT_SECRET"}
_HEAD = ("id", "provider", "speaks", "set beside its client", "register at", "proven by, as of")
_KINDS = {"oidc": "OpenID Connect", "oauth2": "OAuth 2.0"}


def providers_table() -> str:
    """Return the table of all providers that are known by name."""
    return table(_HEAD, map(_row, known_providers()))


def _row(provider: KnownProvider) -> tuple[str, ...]:
    needs = [each.name.removeprefix(_PREFIX) for each in provider.variables if each.is_required]
    evidence = provider.evidence
    proof = ", ".join(evidence.by) or evidence.state
    return (
        f"`{provider.id}`",
        provider.display_name,
        _KINDS[provider.kind],
        ", ".join(f"`{name}`" for name in needs if name not in _OF_EVERY_CLIENT),
        _place(provider.console),
        f"{proof}, {evidence.seen}",
    )


def _place(console: str) -> str:
    return f"<{console}>" if console.startswith("https://") and " " not in console else console
