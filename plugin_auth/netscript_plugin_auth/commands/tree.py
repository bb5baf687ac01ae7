"""``netscript auth``: the commands. Each imports what it needs when it runs, so that help is quick."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from netscript_kernel.garbage import put_off_collections
from netscript_plugin_auth.commands.adapters import adapter
from netscript_plugin_auth.commands.groups.audit import audit
from netscript_plugin_auth.commands.groups.backends import backend
from netscript_plugin_auth.commands.groups.drain import drain
from netscript_plugin_auth.commands.groups.identities import identities
from netscript_plugin_auth.commands.groups.keys import keys, secret
from netscript_plugin_auth.commands.groups.options import AS_THE_SERVICE, AsJson, look
from netscript_plugin_auth.commands.groups.providers import providers
from netscript_plugin_auth.commands.groups.sessions import sessions
from netscript_plugin_auth.faults import run_telling_faults

app = typer.Typer(
    help="Sign people in: auth-api and its keys.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it prints pieces of the program's state
)
app.add_typer(secret, name="secret")
app.add_typer(keys, name="keys")
app.add_typer(providers, name="providers")
app.add_typer(drain, name="drain")
app.add_typer(identities, name="identities")
app.add_typer(sessions, name="sessions")
app.add_typer(audit, name="audit")
app.add_typer(adapter, name="adapter")
app.add_typer(backend, name="backend")


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port.")] = 1,
) -> None:
    """Run auth-api, as the environment and a .env in the working directory say."""
    put_off_collections()
    from netscript_plugin_auth.serving import serve_auth

    raise typer.Exit(run_telling_faults(lambda: serve_auth(workers)))


@app.command()
def dev() -> None:
    """Run auth-api for development on this machine, with a provider to sign in at if none is named."""
    from netscript_plugin_auth.development.plan import plan_development
    from netscript_plugin_auth.development.run import run_development
    from netscript_plugin_auth.environment import process_environment

    raise typer.Exit(run_telling_faults(lambda: run_development(plan_development(process_environment()))))


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
    run = partial(diagnose, as_json=as_json, live=live, advice=AS_THE_SERVICE)
    raise typer.Exit(run_telling_faults(run, nothing_was="looked at", advice=AS_THE_SERVICE))


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

    look(partial(explain, request_id, as_json=as_json))


@app.command("proxy-check")
def check_proxy_of_operator(
    url: Annotated[str, typer.Argument(metavar="URL", help="A page behind the proxy that needs a sign-in.")],
    *,
    connect: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Connect there, whatever the URL's name leads to.")
    ] = None,
    sign_in: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where people sign in, where that is not at auth-api."),
    ] = None,
    echo: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Where the application answers with the headers it got, as JSON."),
    ] = None,
    cookie_file: Annotated[
        Path | None,
        typer.Option(help="Cookie of a session, to judge more; else NETSCRIPT_PROXY_CHECK_COOKIE, if set."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try the known ways around a sign-in at your own proxy, and tell which are open and how to close them.

    Exit code 1: one is open. 2: they could not be tried.
    """
    from netscript_plugin_auth.commands.proxy_check import show_ways_in

    run = partial(
        show_ways_in,
        url,
        connect=connect,
        sign_in=sign_in,
        echo=echo,
        cookie_file=cookie_file,
        as_json=as_json,
    )
    raise typer.Exit(run_telling_faults(run, nothing_was="tried"))
