"""What is public: the modules whose names others may import. Anything else may change without a word."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """A page of the reference: its title, and the modules on it."""

    title: str
    modules: tuple[str, ...]


SURFACE: Final = {
    "kernel": ReferencePage(
        "The kernel",
        (
            "netscript_kernel.errors",
            "netscript_kernel.clock",
            "netscript_kernel.ids",
            "netscript_kernel.settings",
            "netscript_kernel.contracts",
            "netscript_kernel.client",
            "netscript_kernel.client_errors",
            "netscript_kernel.client_group",
            "netscript_kernel.client_pages",
            "netscript_kernel.discovery",
            "netscript_kernel.pagination",
            "netscript_kernel.plugin_contract",
            "netscript_kernel.contract_changes",
            "netscript_kernel.access",
            "netscript_kernel.keyring",
            "netscript_kernel.networks",
            "netscript_kernel.outbound",
            "netscript_kernel.kv.port",
            "netscript_kernel.kv.urls",
            "netscript_kernel.kv.memory",
            "netscript_kernel.kv.testing",
            "netscript_kernel.service.define",
            "netscript_kernel.service.environment",
            "netscript_kernel.service.guards",
            "netscript_kernel.plugins",
            "netscript_kernel.plugins.registries",
            "netscript_kernel.service.builder",
            "netscript_kernel.service.settings",
            "netscript_kernel.service.implementation",
            "netscript_kernel.service.bindings",
            "netscript_kernel.service.problems",
            "netscript_kernel.service.health",
            "netscript_kernel.service.service",
            "netscript_kernel.server",
        ),
    ),
    "auth-core": ReferencePage(
        "What an adapter builds on",
        (
            "netscript_auth_core.ports",
            "netscript_auth_core.domain",
            "netscript_auth_core.errors",
            "netscript_auth_core.reasons",
            "netscript_auth_core.capabilities",
            "netscript_auth_core.backends",
            "netscript_auth_core.events",
            "netscript_auth_core.contract_v1",
            "netscript_auth_core.directory",
            "netscript_auth_core.hosted",
            "netscript_auth_core.upstream_sessions",
            "netscript_auth_core.request_cookies",
            "netscript_auth_core.checks",
            "netscript_auth_core.testing",
        ),
    ),
    "auth-client": ReferencePage(
        "For services beside auth-api",
        (
            "netscript_auth_client",
            "netscript_auth_client.authenticator",
            "netscript_auth_client.fastapi",
            "netscript_auth_client.asgi",
        ),
    ),
    "backends": ReferencePage(
        "The backends, in code",
        (
            "netscript_auth_kv_oauth",
            "netscript_auth_kv_oauth.providers",
            "netscript_auth_workos",
            "netscript_auth_better_auth",
        ),
    ),
    "auth-api": ReferencePage(
        "auth-api, in code",
        (
            "netscript_plugin_auth.service",
            "netscript_plugin_auth.composition",
            "netscript_plugin_auth.settings",
        ),
    ),
}
