"""nginx and Caddy, run with the configurations of ``examples/forward-auth``."""

import os
import shutil
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.support.certificates import Certificates
from tests.support.desk import AUTH_HOST
from tests.support.program import Program, started
from workspace import ROOT

EXAMPLES = ROOT / "examples" / "forward-auth"

_NGINX = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""
_CADDY = """{{
	admin off
	auto_https disable_redirects
}}
{example}
"""

RunProxy: TypeAlias = Callable[[Path, Certificates, int, int, int], AbstractContextManager[Program]]


def run_nginx(
    folder: Path, certificates: Certificates, port: int, auth_api: int, application: int
) -> AbstractContextManager[Program]:
    """Run nginx while the block lasts; the example's addresses become those that are given here."""
    example = _with_addresses(
        "nginx.conf",
        {
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "acme.example": AUTH_HOST,
            f"/etc/ssl/{AUTH_HOST}.pem": str(certificates.host),
            f"/etc/ssl/{AUTH_HOST}.key": str(certificates.host),
            "127.0.0.1:8094": f"127.0.0.1:{auth_api}",
            "127.0.0.1:3000": f"127.0.0.1:{application}",
        },
    )
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, example=example))
    command: list[str | Path] = [_program("nginx"), "-p", folder, "-c", config]
    return _run(command, {}, folder, port)


def run_caddy(
    folder: Path, certificates: Certificates, port: int, auth_api: int, application: int
) -> AbstractContextManager[Program]:
    """Run Caddy while the block lasts; likewise."""
    example = _with_addresses(
        "Caddyfile",
        {
            "acme.example {": f"https://{AUTH_HOST}:{port} {{\n\ttls {certificates.host} {certificates.host}",
            "127.0.0.1:8094": f"127.0.0.1:{auth_api}",
            "127.0.0.1:3000": f"127.0.0.1:{application}",
        },
    )
    config = folder / "Caddyfile"
    config.write_text(_CADDY.format(example=example))
    command: list[str | Path] = [_program("caddy"), "run", "--config", config, "--adapter", "caddyfile"]
    return _run(command, {"HOME": str(folder)}, folder, port)


@contextmanager
def _run(
    command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, port: int
) -> Generator[Program]:
    with started(command, environment, folder) as program:
        program.wait_until(lambda: _listens(port), "the proxy listens")
        yield program


def _with_addresses(name: str, ours: Mapping[str, str]) -> str:
    text = (EXAMPLES / name).read_text()
    for theirs, mine in ours.items():
        assert theirs in text, f"{name} has no {theirs}"
        text = text.replace(theirs, mine)
    return text


def _program(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        pytest.fail(f"no {name}: scripts/test gets it, or says how")
    return path


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
