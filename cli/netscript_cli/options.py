"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")]
ProjectRoot = Annotated[
    Path | None,
    typer.Option(
        "--project-root", metavar="DIR", help="The workspace; else the one that the current folder is in."
    ),
]
