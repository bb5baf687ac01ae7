"""auth-api as an operator starts it: a command, an environment, nothing else."""

import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.support.program import Program, started

NETSCRIPT = Path(sys.executable).with_name("netscript")
SERVE = (NETSCRIPT, "auth", "serve")
MODULE = (sys.executable, "-m", "netscript_plugin_auth")
API = "/api/v1/auth"
CALLBACK = f"{API}/callback"
SESSION_COOKIE = "netscript-session"


def make_key() -> str:
    """Return a key as NETSCRIPT_AUTH_KEYS wants it."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def is_ready(port: int) -> bool:
    """Whether auth-api answers on this port, and says that it is ready."""
    # Asked a hundred times while a program starts beside it: no client that reads all authorities each time.
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def run_auth_api(
    environment: Mapping[str, str], port: int, folder: Path, command: Sequence[str | Path] = SERVE
) -> Generator[Program]:
    """Run auth-api while the block lasts, from when it is ready.

    Args:
        environment: All variables but ``PORT``.
        port: Where it listens.
        folder: Where it runs, and where its output is kept.
        command: How it is started.
    """
    with started(command, {"PORT": str(port), **environment}, folder) as api:
        api.wait_until(lambda: is_ready(port), "auth-api is ready")
        yield api
