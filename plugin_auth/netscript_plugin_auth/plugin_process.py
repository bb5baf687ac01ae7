"""auth-api as a process of a workspace: what the manifest names, and ``netscript dev`` runs."""

from netscript_kernel.garbage import put_off_collections
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.faults import run_telling_faults
from netscript_plugin_auth.settings import AuthServiceSettings


def main() -> int:
    """Serve until told to stop, and return the exit code.

    In development, where nothing names a provider to sign in at, the development provider runs beside it, as
    with ``netscript auth dev``.
    """
    return run_telling_faults(_run)


def _run() -> int:
    environment = process_environment()
    if environment.get(AuthServiceSettings.variable("profile")) == "development":
        from netscript_plugin_auth.development.provider import needs_provider

        if needs_provider(environment):
            from netscript_plugin_auth.development.plan import plan_development
            from netscript_plugin_auth.development.run import run_development

            return run_development(plan_development(environment), is_alone=False)
    put_off_collections()
    from netscript_plugin_auth.serving import serve_auth

    return serve_auth()
