"""Answers ``describe`` for contracts of plugins that have no handler of their own for it."""

from collections.abc import Sequence

from starlette.requests import Request

from netscript_kernel.plugin_contract import DESCRIBE, Description, describes_itself
from netscript_kernel.service.implementation import Implementation


def bind_descriptions(
    plugin_name: str, implementations: Sequence[Implementation], capabilities: Sequence[str]
) -> None:
    """Bind a handler for each ``describe`` that has none, and whose output is the plain description.

    Args:
        plugin_name: As in the plugin's manifest.
        implementations: Of all contracts that are served together.
        capabilities: What can be done.
    """
    for each in implementations:
        contract = each.contract
        if not describes_itself(contract) or DESCRIBE in {*each.handlers, *each.hot_handlers}:
            continue
        operation = contract.operations[DESCRIBE]
        if operation.output_model is Description:
            _bind(each, _description(plugin_name, each, implementations, capabilities))


def _description(
    plugin_name: str, one: Implementation, others: Sequence[Implementation], capabilities: Sequence[str]
) -> Description:
    name = one.contract.contract_name
    served = [each.contract for each in others]
    return Description(
        plugin_name=plugin_name,
        contract_versions=tuple(sorted(each.version for each in served if each.contract_name == name)),
        route_groups=tuple(dict.fromkeys(each.contract_name for each in served)),
        capabilities=tuple(capabilities),
    )


def _bind(implementation: Implementation, description: Description) -> None:
    async def describe(_: object, __: Request) -> Description:
        return description

    implementation.handles(implementation.contract.operations[DESCRIBE])(describe)
