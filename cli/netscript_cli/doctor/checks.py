"""Every check of ``netscript plugin doctor``, in the order in which they are told."""

from typing import Final

from netscript_cli.doctor.between_plugins import look_at_dependencies, look_at_duplicates
from netscript_cli.doctor.check import Check, for_each
from netscript_cli.doctor.of_code import (
    look_at_contracts,
    look_at_describe,
    look_at_entrypoints,
    look_at_own_checks,
)
from netscript_cli.doctor.of_manifests import look_at_descriptors, look_at_manifests, look_at_modules
from netscript_cli.doctor.ports import look_at_health, look_at_ports
from netscript_cli.doctor.registries import look_at_contributions, look_at_registries
from netscript_cli.doctor.surroundings import look_at_concurrency, look_at_environment

CHECKS: Final = (
    Check("module", look_at_modules),
    Check("manifest", look_at_manifests),
    Check("descriptor", look_at_descriptors),
    Check("registries", look_at_registries),
    Check("contributions", look_at_contributions),
    Check("duplicates", look_at_duplicates),
    Check("dependencies", look_at_dependencies),
    Check("entrypoints", look_at_entrypoints),
    Check("contracts", look_at_contracts),
    Check("describe", look_at_describe),
    Check("ports", look_at_ports),
    Check("environment", for_each(look_at_environment)),
    Check("concurrency", for_each(look_at_concurrency)),
    Check("own", look_at_own_checks),
)

LIVE_CHECKS: Final = (Check("health", look_at_health),)
"""Of services that run."""
