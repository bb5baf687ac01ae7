"""What auth is, as data. Service, port, health, contract, gate and checks follow from here.

The service itself reads it by ``scaffold.plugin.json`` beside this file, which a test holds in step.
"""

from typing import Final

from netscript_kernel.plugins import PluginKind, PluginManifest, define_plugin

manifest: Final[PluginManifest] = (
    define_plugin("auth", "0.1.0")
    .with_kind(PluginKind.PLUGIN)
    .with_display_name("Auth")
    .with_description("Signs people in: one HTTP API, whatever identity backend stands behind it.")
    .with_author("The NetScript authors")
    .with_license("Apache-2.0")
    .with_tags("auth", "oauth", "openid-connect", "sessions")
    .with_requirements(kv=True)
    .with_service("auth-api", "netscript_plugin_auth.plugin_process:main", 8094, health_path="/health/ready")
    .with_contract_versions([{"version": "v1", "contract": "netscript_auth_core.contract_v1:AuthV1"}])
    .with_e2e([{"name": "live", "command": "python -m netscript_plugin_auth.live_gate"}])
    .with_doctor("netscript_plugin_auth.doctor.of_plugin:findings")
    .build()
)
