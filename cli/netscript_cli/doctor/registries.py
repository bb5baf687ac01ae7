"""Whether the registries that services load fit what the contribution folders say."""

from netscript_cli.doctor.check import Context, Finding, Found
from netscript_cli.generation.freshness import registry_faults


def look_at_registries(context: Context) -> Found:
    """Find registries that are missing, stale or abandoned, and contributions that no registry could name."""
    faults = registry_faults(context.workspace, context.plugins)
    return {listed: [Finding.of(fault) for fault in told] for listed, told in faults.items()}
