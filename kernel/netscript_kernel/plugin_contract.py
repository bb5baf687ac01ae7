"""What every contract of a plugin has: ``GET /describe``, by which anybody learns what it can do.

::

    class NotesV1(PluginContract, name="notes", version="v1", prefix="/api/v1/notes"):
        find = get("/{note_id}").input(FindNote).output(Note)
"""

from typing import Final

from netscript_kernel.contracts import Contract, WireModel, get

DESCRIBE: Final = "describe"


class Description(WireModel):
    """What a plugin, so configured, can really do. One that has more to say derives from it.

    Attributes:
        plugin_name: As in its manifest.
        contract_versions: Of the contract, those that are served side by side.
        route_groups: Groups of endpoints that are there.
        capabilities: What can be done with them.
    """

    plugin_name: str
    contract_versions: tuple[str, ...]
    route_groups: tuple[str, ...]
    capabilities: tuple[str, ...]


class PluginContract(Contract, name="plugin", version="v1", prefix="/"):
    """Base of the contracts of plugins: each has ``describe``."""

    describe = get("/describe").output(Description).describe("What this plugin can do.")


def describes_itself(contract: type[Contract]) -> bool:
    """Whether a contract has ``GET /describe`` with at least what a :class:`Description` says."""
    operation = contract.operations.get(DESCRIBE)
    if operation is None or (operation.method, operation.path) != ("GET", "/describe"):
        return False
    return issubclass(operation.output_model, Description)
