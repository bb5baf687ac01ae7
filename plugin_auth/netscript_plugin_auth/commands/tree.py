"""``netscript auth``: the commands. Each imports what it needs when it runs, so that help is quick."""

import sys
from functools import partial
from typing import Annotated

import typer

from netscript_kernel.garbage import put_off_collections
from netscript_plugin_auth.commands.adapters import adapter
from netscript_plugin_auth.commands.backends import backend
from netscript_plugin_auth.faults import told

app = typer.Typer(
    help="Sign people in: auth-api and its keys.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it prints pieces of the program's state
)
secret = typer.Typer(help="Make keys of the service.", no_args_is_help=True)
keys = typer.Typer(help="Change the keys of the service.", no_args_is_help=True)
app.add_typer(secret, name="secret")
app.add_typer(keys, name="keys")
providers = typer.Typer(help="Providers that are known by name.", no_args_is_help=True)
app.add_typer(providers, name="providers")

_AS_THE_SERVICE = (
    "This command reads what the service reads: run it in the same folder, with the same environment;\n"
    "beside scripts/run and netscript auth dev, with NETSCRIPT_PROFILE=development."
)
drain = typer.Typer(help="Leave an earlier backend behind.", no_args_is_help=True)
app.add_typer(drain, name="drain")
identities = typer.Typer(help="Who is known, and by which accounts.", no_args_is_help=True)
app.add_typer(identities, name="identities")
app.add_typer(adapter, name="adapter")
app.add_typer(backend, name="backend")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port.")] = 1,
) -> None:
    """Run auth-api, as the environment and a .env in the working directory say."""
    put_off_collections()
    from netscript_plugin_auth.serving import serve_auth

    raise typer.Exit(told(lambda: serve_auth(workers)))


@app.command()
def dev() -> None:
    """Run auth-api for development on this machine, with a provider to sign in at if none is named."""
    from netscript_plugin_auth.development.plan import plan_development, run_development
    from netscript_plugin_auth.environment import process_environment

    raise typer.Exit(told(lambda: run_development(plan_development(process_environment()))))


@app.command()
def doctor(
    *,
    as_json: AsJson = False,
    live: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Ask a running service too, such as http://127.0.0.1:8094."),
    ] = None,
) -> None:
    """Look for what is wrong: configuration, provider, store, keys, clocks. Changes nothing.

    Exit code 0: nothing is wrong. 1: something is to be mended. 2: it could not look.
    """
    from netscript_plugin_auth.doctor.report import diagnose

    if live is not None and not live.startswith(("http://", "https://")):
        raise typer.BadParameter("an address such as http://127.0.0.1:8094", param_hint="--live")
    run = partial(diagnose, as_json=as_json, live=live)
    raise typer.Exit(told(run, nothing_was="looked at", advice=_AS_THE_SERVICE))


@providers.command("list")
def list_providers(*, as_json: AsJson = False) -> None:
    """List every provider: what it needs, and how far it is proven that it works."""
    from netscript_plugin_auth.commands.providers import print_list
    from netscript_plugin_auth.environment import process_environment

    raise typer.Exit(told(lambda: print_list(process_environment(), as_json=as_json)))


@providers.command("show")
def show_provider(
    provider_id: Annotated[str, typer.Argument(metavar="ID", help="As in NETSCRIPT_AUTH_PROVIDER.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what to set for a provider, what to register there, and what it does differently."""
    from netscript_plugin_auth.commands.providers import print_one
    from netscript_plugin_auth.environment import process_environment

    raise typer.Exit(told(lambda: print_one(process_environment(), provider_id, as_json=as_json)))


@secret.command()
def generate() -> None:
    """Print a new key for NETSCRIPT_AUTH_KEYS."""
    from netscript_kernel.keyring import generate_key

    sys.stdout.write(f"{generate_key()}\n")


@keys.command()
def status(*, as_json: AsJson = False) -> None:
    """Tell how many stored secrets each key seals."""
    from netscript_plugin_auth.commands.keys import show_keys

    run = partial(show_keys, as_json=as_json)
    raise typer.Exit(told(run, nothing_was="looked at", advice=_AS_THE_SERVICE))


@keys.command()
def rotate(
    *,
    as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
) -> None:
    """Seal under the current key what earlier ones sealed; the service may run meanwhile."""
    from netscript_plugin_auth.commands.keys import rotate_keys

    run = partial(rotate_keys, as_json=as_json, is_rehearsal=dry_run)
    raise typer.Exit(told(run, nothing_was="changed", advice=_AS_THE_SERVICE))


@app.command("explain")
def explain_request(
    request_id: Annotated[
        str, typer.Argument(metavar="REQUEST_ID", help="As on the page or in the problem.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell why a request was refused: which check, what it expected and saw, and what to do."""
    from netscript_plugin_auth.commands.explain import explain

    run = partial(explain, request_id, as_json=as_json)
    raise typer.Exit(told(run, nothing_was="looked at", advice=_AS_THE_SERVICE))


@drain.command("status")
def drain_status(*, as_json: AsJson = False) -> None:
    """Tell how many sessions of earlier backends are left."""
    from netscript_plugin_auth.commands.drain import show_drain

    run = partial(show_drain, as_json=as_json)
    raise typer.Exit(told(run, nothing_was="looked at", advice=_AS_THE_SERVICE))


@identities.command("list")
def list_people(*, as_json: AsJson = False) -> None:
    """List everybody with their accounts."""
    from netscript_plugin_auth.commands.identities import list_identities

    run = partial(list_identities, as_json=as_json)
    raise typer.Exit(told(run, nothing_was="looked at", advice=_AS_THE_SERVICE))


@identities.command("link")
def link_people(
    keep: Annotated[str, typer.Argument(metavar="KEEP", help="Id of the person who stays.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Id of the same person, who goes.")],
) -> None:
    """Let two people be one: the accounts of OTHER lead to KEEP from now on, and OTHER is no more.

    OTHER's sessions end; those that an upstream keeps go on, as KEEP's. If it breaks off, repeat it.
    """
    from netscript_plugin_auth.commands.identities import link_identities

    run = partial(link_identities, keep, other)
    raise typer.Exit(told(run, nothing_was="changed", advice=_AS_THE_SERVICE))


@identities.command("unlink")
def unlink_account_of_person(
    user: Annotated[str, typer.Argument(metavar="USER", help="Id of the person.")],
    issuer: Annotated[str, typer.Argument(metavar="ISSUER", help="Of the account, as listed.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Of the account, as listed.")],
) -> None:
    """Take an account out of a person: whoever signs in with it is somebody new, whatever is listed upstream.

    The person's sessions end; those that an upstream keeps, by other accounts, go on. Another account has to
    be left. If it breaks off, repeat it.
    """
    from netscript_plugin_auth.commands.identities import unlink_account

    run = partial(unlink_account, user, issuer, subject)
    raise typer.Exit(told(run, nothing_was="changed", advice=_AS_THE_SERVICE))


@identities.command("export")
def export_people() -> None:
    """Print everybody as JSON Lines: personal data."""
    from netscript_plugin_auth.commands.identities import export_identities

    raise typer.Exit(told(export_identities, nothing_was="looked at", advice=_AS_THE_SERVICE))


@identities.command("import")
def import_people(
    file: Annotated[
        typer.FileText,
        typer.Argument(metavar="FILE", encoding="utf-8", help="JSON Lines; - is standard input."),
    ],
) -> None:
    """Keep the people that export printed under the same ids; who is here already stays as they are.

    A store that is not there yet is made.
    """
    from netscript_plugin_auth.commands.identities import import_identities

    run = partial(import_identities, file)
    raise typer.Exit(told(run, nothing_was="changed", advice=_AS_THE_SERVICE))
