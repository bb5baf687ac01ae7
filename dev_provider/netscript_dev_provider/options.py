"""The command line of the server, checked as a whole before anything starts."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from netscript_dev_provider.config import Client, ProviderConfig
from netscript_dev_provider.loopback import is_loopback_name

SECRET_VARIABLE: Final = "NETSCRIPT_DEV_PROVIDER_CLIENT_SECRET"  # noqa: S105  a variable's name
PROFILE_VARIABLE: Final = "NETSCRIPT_PROFILE"
_HIGHEST_PORT: Final = 65_535
_LONGEST_DELAY: Final = 3_600


class RefusedStartError(Exception):
    """The server must not start like this. The message says what to change."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where to listen, and what to be there.

    Attributes:
        host: An address of the loopback interface.
        port: 1 to 65535.
        config: The provider.
    """

    host: str
    port: int
    config: ProviderConfig


def read_options(argv: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line.

    Raises:
        RefusedStartError: not the development profile, not loopback, or a value that cannot be used.
        SystemExit: argparse's own, with code 2, for an unknown option or a missing one.
    """
    given = _parser().parse_args(argv)
    profile = environment.get(PROFILE_VARIABLE, "")
    if profile != "development":
        raise RefusedStartError(
            f"This provider lets anybody be anybody, so it starts only where {PROFILE_VARIABLE}=development "
            f"(now {profile or 'not set'}). On your own machine, set that; elsewhere, use a real provider."
        )
    if not is_loopback_name(given.host):
        raise RefusedStartError(
            f"--host {given.host!r} is not loopback. Use 127.0.0.1, ::1 or localhost: "
            "this provider must not be reachable from another machine."
        )
    if not 0 < given.port <= _HIGHEST_PORT:
        raise RefusedStartError(f"--port {given.port} does not exist. Use 1 to {_HIGHEST_PORT}.")
    try:
        return Options(_address(given.host), given.port, _config(given, environment))
    except ValueError as error:
        raise RefusedStartError(f"{error}.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m netscript_dev_provider",
        description="An OpenID provider for development: anybody can sign in as anybody, without a password.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on, loopback only (%(default)s)"
    )
    parser.add_argument("--port", type=int, default=9094, help="port to listen on (%(default)s)")
    parser.add_argument("--issuer", help="issuer URL, if not http://localhost:<port>")
    parser.add_argument("--client-id", default="netscript-dev", help="name of the application (%(default)s)")
    parser.add_argument(
        "--client-secret", help=f"its secret, or {SECRET_VARIABLE}; none: public client, PKCE"
    )
    parser.add_argument(
        "--redirect-uri", action="append", required=True, metavar="URI", help="callback URL; may be repeated"
    )
    parser.add_argument(
        "--post-logout-redirect-uri", action="append", default=[], metavar="URI", help="may be repeated"
    )
    parser.add_argument(
        "--backchannel-logout-uri", metavar="URI", help="where the application is told of sign-outs"
    )
    parser.add_argument(
        "--slow-seconds", type=_seconds, default=3.0, help="delay of the persona slow (%(default)s)"
    )
    parser.add_argument(
        "--auto-sign-in", action="store_true", help="no page when login_hint names a persona; for scripts"
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= _LONGEST_DELAY:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {_LONGEST_DELAY}")
    return seconds


def _config(given: argparse.Namespace, environment: Mapping[str, str]) -> ProviderConfig:
    client = Client(
        given.client_id,
        given.client_secret or environment.get(SECRET_VARIABLE) or None,
        tuple(given.redirect_uri),
        tuple(given.post_logout_redirect_uri),
        given.backchannel_logout_uri,
    )
    return ProviderConfig(
        given.issuer or _issuer(given.host, given.port),
        (client,),
        slow_delay=timedelta(seconds=given.slow_seconds),
        auto_sign_in=given.auto_sign_in,
    )


def _address(host: str) -> str:
    """Turn a name into the address to bind; every name below ``localhost`` is 127.0.0.1 (RFC 6761)."""
    return "127.0.0.1" if host.lower().endswith("localhost") else host


def _issuer(host: str, port: int) -> str:
    if host == "127.0.0.1":
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
