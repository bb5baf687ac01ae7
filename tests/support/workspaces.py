"""Workspaces that tests make: real folders, with real plugins in them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import PluginBuilder, PluginManifest, define_plugin
from netscript_kernel.plugins.descriptor import FILE_NAME, describe_plugin, encode_descriptor

BUILD = """\
from netscript_kernel.plugins import read_manifest_json

manifest = read_manifest_json({text!r})
"""


@dataclass(frozen=True, slots=True)
class MadeWorkspace:
    """A folder that a test fills.

    Attributes:
        root: Without links on its way.
    """

    root: Path

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file, with the folders on its way."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def lists(self, *plugins: str) -> None:
        """Write ``netscript.toml``."""
        listed = "".join(f"    {plugin!r},\n" for plugin in plugins)
        self.write("netscript.toml", f'name = "acme"\nversion = "0.1.0"\nplugins = [\n{listed}]\n')

    def add(self, *builders: PluginBuilder) -> None:
        """Write plugins of the workspace with their descriptors, and list exactly them."""
        for builder in builders:
            self.add_unlisted(builder)
        self.lists(*(listed_as(builder.build().name) for builder in builders))

    def add_unlisted(self, builder: PluginBuilder) -> PluginManifest:
        """Write a plugin with its descriptor."""
        manifest = builder.build()
        folder = f"plugins/{manifest.name.replace('-', '_')}"
        self.write(f"{folder}/plugin.py", BUILD.format(text=manifest.to_json()))
        self.describe(manifest)
        return manifest

    def describe(self, manifest: PluginManifest) -> None:
        """Write the descriptor that follows from a manifest."""
        folder = f"plugins/{manifest.name.replace('-', '_')}"
        self.write(f"{folder}/{FILE_NAME}", encode_descriptor(describe_plugin(manifest)))

    def breaks(self, name: str, source: str) -> None:
        """Write a plugin whose module is something else, with a descriptor that says nothing of it."""
        self.add_unlisted(define_plugin(name, "0.1.0"))
        self.write(f"plugins/{name.replace('-', '_')}/plugin.py", source)

    def read(self) -> Workspace:
        """Read it, as commands do."""
        return find_workspace(self.root)


def listed_as(name: str) -> str:
    """Return how a plugin of the workspace is listed."""
    return f"./plugins/{name.replace('-', '_')}/plugin.py"


@dataclass(frozen=True, slots=True)
class Site:
    """A folder that distributions are installed into, on the path of this process and of its children."""

    folder: Path

    def variables(self) -> Mapping[str, str]:
        """Return what lets a started Python find it."""
        return {"PYTHONPATH": os.pathsep.join([str(self.folder), *_set_path()])}

    def install(
        self,
        distribution: str,
        files: Mapping[str, str | bytes],
        points: Sequence[str] = (),
    ) -> None:
        """Install a distribution.

        Args:
            distribution: Its name.
            files: Text by path.
            points: Of the group ``netscript.plugins``, such as ``acme = acme.plugin:manifest``.
        """
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        info = self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        (info / "METADATA").write_text(head)
        (info / "entry_points.txt").write_text("\n".join(["[netscript.plugins]", *points, ""]))

    def install_plugin(self, distribution: str, builder: PluginBuilder) -> None:
        """Install a distribution with one plugin, whose package has the name of the distribution."""
        manifest, package = builder.build(), distribution.replace("-", "_")
        files: dict[str, str | bytes] = {
            f"{package}/__init__.py": "",
            f"{package}/plugin.py": BUILD.format(text=manifest.to_json()),
            f"{package}/{FILE_NAME}": encode_descriptor(describe_plugin(manifest)),
        }
        self.install(distribution, files, [f"{manifest.name} = {package}.plugin:manifest"])


def _set_path() -> list[str]:
    told = os.environ.get("PYTHONPATH", "")
    return told.split(os.pathsep) if told else []
