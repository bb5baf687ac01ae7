"""Whether registries fit what the contribution folders say, and contributions what their files say."""

from netscript_cli.doctor.check import Context, Finding, Found
from netscript_cli.generation.confirming import unconfirmed
from netscript_cli.generation.freshness import registry_faults
from netscript_cli.generation.generation import scans_of
from netscript_cli.workspace.found import Origin


def look_at_registries(context: Context) -> Found:
    """Find registries that are missing, stale or abandoned, and contributions that no registry could name."""
    faults = registry_faults(context.workspace, context.plugins)
    return {listed: [Finding.of(fault) for fault in told] for listed, told in faults.items()}


def look_at_contributions(context: Context) -> Found:
    """Find contributions for which no registry is generated, since importing their file breaks or differs."""
    own = [
        each
        for each in context.plugins
        if each.found.origin is Origin.WORKSPACE and each.manifest is not None
    ]
    scans = {each.found.listed: scans_of(context.workspace, each.found) for each in own}
    faults = unconfirmed(context.isolation, own, scans)
    return {listed: [Finding.of(fault) for fault in faults.get(listed, ())] for listed in scans}
