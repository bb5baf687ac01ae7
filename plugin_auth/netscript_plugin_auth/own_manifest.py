"""What the manifest says, for the service as it starts: read from the descriptor, which imports nothing.

The manifest as an object costs each start some 40 ms and some memory, for four values.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DESCRIPTOR: Final = Path(__file__).with_name("scaffold.plugin.json")


@dataclass(frozen=True, slots=True)
class OwnManifest:
    """What the service has to know of its manifest.

    Attributes:
        plugin: The name of the plugin.
        service: The name of its service, by which others find it.
        port: That the service listens on unless it is told otherwise.
        contracts: Module and class of each contract that it answers, by version.
    """

    plugin: str
    service: str
    port: int
    contracts: Mapping[str, str]


def own_manifest() -> OwnManifest:
    """Return what the manifest says."""
    manifest: dict[str, Any] = json.loads(DESCRIPTOR.read_bytes())["manifest"]
    given = manifest["contributions"]
    service = given["services"][0]
    contracts = {each["version"]: each["contract"] for each in given.get("contractVersions", ())}
    return OwnManifest(manifest["name"], service["name"], service["port"], contracts)


def own_port() -> int:
    """Return the port that the service listens on unless it is told otherwise."""
    return own_manifest().port
