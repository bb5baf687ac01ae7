"""``netscript auth secret`` and ``netscript auth keys``."""

import sys
from functools import partial
from typing import Annotated

import typer

from netscript_plugin_auth.commands.groups.options import AsJson, DryRun, change, look

secret = typer.Typer(help="Make keys of the service.", no_args_is_help=True)
keys = typer.Typer(help="Change the keys of the service.", no_args_is_help=True)


@secret.command()
def generate() -> None:
    """Print a new key for NETSCRIPT_AUTH_KEYS."""
    from netscript_kernel.keyring import generate_key

    sys.stdout.write(f"{generate_key()}\n")


@keys.command()
def status(*, as_json: AsJson = False) -> None:
    """Tell how many stored secrets each key seals."""
    from netscript_plugin_auth.commands.keys import show_keys

    look(partial(show_keys, as_json=as_json))


@keys.command()
def rotate(*, as_json: AsJson = False, dry_run: DryRun = False) -> None:
    """Seal under the current key what earlier ones sealed; the service may run meanwhile."""
    from netscript_plugin_auth.commands.keys import rotate_keys

    change(partial(rotate_keys, as_json=as_json, is_rehearsal=dry_run))


@keys.command("rotate-signing")
def rotate_signing(
    *,
    as_json: AsJson = False,
    forget: Annotated[
        bool, typer.Option("--forget-earlier", help="After a leak: refuse what earlier keys signed.")
    ] = False,
) -> None:
    """Let another key sign the tokens of services from now on; otherwise that happens by itself."""
    from netscript_plugin_auth.commands.signing_key import rotate_signing_key

    change(partial(rotate_signing_key, as_json=as_json, forgets_earlier=forget))
