"""nginx, Caddy, Traefik and Envoy, run with the configurations of ``examples/forward-auth``."""

import os
import shutil
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.support.certificates import Certificates
from tests.support.desk import AUTH_HOST
from tests.support.program import Program, started
from workspace import ROOT

EXAMPLES = ROOT / "examples" / "forward-auth"
WHEELS = ROOT / ".tools" / "proxies" / "bin"

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
_TRAEFIK = """entryPoints:
  websecure:
    address: 127.0.0.1:{port}
providers:
  file:
    filename: {dynamic}
"""

Change: TypeAlias = Callable[[str], str]


def unchanged(example: str) -> str:
    """Return an example as it stands."""
    return example


@dataclass(frozen=True)
class Place:
    """Where a proxy runs, and between whom.

    Attributes:
        folder: For its files and output.
        port: Where it listens, on 127.0.0.1.
        auth_api: Port of auth-api.
        application: Port of the application behind.
        change: What becomes of the example, for tests of worse ones.
    """

    folder: Path
    certificates: Certificates
    port: int
    auth_api: int
    application: int
    change: Change = field(default=unchanged)

    def example(self, name: str, ours: Mapping[str, str]) -> str:
        """Return an example with the addresses of this place."""
        text = self.change((EXAMPLES / name).read_text())
        shared = {
            "127.0.0.1:8094": f"127.0.0.1:{self.auth_api}",
            "127.0.0.1:3000": f"127.0.0.1:{self.application}",
            "/etc/ssl/acme.example.pem": str(self.certificates.host),
            "/etc/ssl/acme.example.key": str(self.certificates.host),
        }
        for theirs, mine in ours.items():
            assert theirs in text, f"{name} has no {theirs}"
            text = text.replace(theirs, mine)
        for theirs, mine in shared.items():
            text = text.replace(theirs, mine)
        return text.replace("acme.example", AUTH_HOST)


RunProxy: TypeAlias = Callable[[Place], AbstractContextManager[Program]]


def run_nginx(place: Place) -> AbstractContextManager[Program]:
    """Run nginx while the block lasts; the example's addresses become those of the place."""
    example = place.example("nginx.conf", {"listen 443 ssl": f"listen 127.0.0.1:{place.port} ssl"})
    config = place.folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=place.folder, example=example))
    return _run([_program("nginx"), "-p", place.folder, "-c", config], place)


def run_caddy(place: Place) -> AbstractContextManager[Program]:
    """Run Caddy while the block lasts; likewise."""
    host = place.certificates.host
    site = f"https://{AUTH_HOST}:{place.port} {{\n\ttls {host} {host}"
    example = place.example("Caddyfile", {"acme.example {": site})
    config = place.folder / "Caddyfile"
    config.write_text(_CADDY.format(example=example))
    return _run([_program("caddy"), "run", "--config", config, "--adapter", "caddyfile"], place)


def run_traefik(place: Place) -> AbstractContextManager[Program]:
    """Run Traefik while the block lasts; likewise."""
    dynamic, static = place.folder / "dynamic.yaml", place.folder / "traefik.yaml"
    dynamic.write_text(place.example("traefik.yaml", {}))
    static.write_text(_TRAEFIK.format(port=place.port, dynamic=dynamic))
    return _run([_program("traefik"), f"--configfile={static}"], place)


def run_envoy(place: Place) -> AbstractContextManager[Program]:
    """Run Envoy while the block lasts; likewise."""
    listens = f"address: 127.0.0.1, port_value: {place.port}"
    addresses = {
        "address: 0.0.0.0, port_value: 443": listens,
        "address: 127.0.0.1, port_value: 8094": f"address: 127.0.0.1, port_value: {place.auth_api}",
        "address: 127.0.0.1, port_value: 3000": f"address: 127.0.0.1, port_value: {place.application}",
    }
    config = place.folder / "envoy.yaml"
    config.write_text(place.example("envoy.yaml", addresses))
    options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"]
    return _run([_program("envoy"), *options, "-c", config], place)


@contextmanager
def _run(command: Sequence[str | Path], place: Place) -> Generator[Program]:
    with started(command, {"HOME": str(place.folder)}, place.folder) as program:
        program.wait_until(lambda: _serves(place), "the proxy serves")
        yield program


def _program(name: str) -> str:
    path = shutil.which(name, path=f"{WHEELS}:{os.environ['PATH']}:/usr/sbin")
    if path is None:
        pytest.fail(f"no {name}: scripts/test gets it, or says how")
    return path


def _serves(place: Place) -> bool:
    """Whether it answers under our certificate: Traefik listens before it has read what to serve."""
    context = place.certificates.client_context()
    try:
        with socket.create_connection(("127.0.0.1", place.port), timeout=5) as connection:
            context.wrap_socket(connection, server_hostname=AUTH_HOST).close()
    except OSError:
        return False
    return True
