"""How the servers that are compared are started: command and environment, nothing else."""

import secrets
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from netscript_kernel.keyring import generate_key
from tests.support.dev_provider import CLIENT_ID
from tests.support.node import NODE

HOST = "auth.acme.example"
SESSION_PATH = "/api/v1/auth/session"
PEERS = Path(__file__).parents[1] / "peers"
GRANIAN_IS_READY = "Started worker-1"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
_NGINX_SETTINGS = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:$port;
        location / {{
            add_header {name} "{value}";
            return 200 "";
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A server that can be started.

    Attributes:
        ready: Pattern of the line that says that it listens.
        environment: Beside what we have ourselves; ``PORT`` is added.
    """

    command: Sequence[str]
    ready: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def auth_api(kv_url: str, staleness: str = "0s") -> Program:
    """Return auth-api in its production profile.

    Args:
        kv_url: Of a store that is there.
        staleness: For how long an answer may be given again.
    """
    environment = {
        "NETSCRIPT_HOST": "127.0.0.1",
        "NETSCRIPT_KV_URL": kv_url,
        "NETSCRIPT_AUTH_PUBLIC_URL": f"https://{HOST}",
        "NETSCRIPT_AUTH_SESSION_STALENESS": staleness,
        "NETSCRIPT_AUTH_KEYS": generate_key(),
        "NETSCRIPT_AUTH_ISSUER": "https://id.acme.example",
        "NETSCRIPT_AUTH_CLIENT_ID": "bench",
        "NETSCRIPT_AUTH_CLIENT_SECRET": secrets.token_urlsafe(32),
    }
    return Program((sys.executable, "-m", "netscript_plugin_auth"), GRANIAN_IS_READY, environment)


def raw_asgi(answer: Path) -> Program:
    """Return an ASGI callable that gives the answer in a file, and does nothing else."""
    command = (sys.executable, "-m", "benchmarks.serving.raw_app")
    return Program(command, GRANIAN_IS_READY, {"RAW_ANSWER": str(answer)})


def bare_fastapi() -> Program:
    """Return one route on FastAPI."""
    return Program((sys.executable, "-m", "benchmarks.serving.fastapi_app"), GRANIAN_IS_READY)


def better_auth() -> Program:
    """Return better-auth on Node with its fastest store, memory."""
    return Program((str(NODE), str(PEERS / "better_auth" / "server.mjs")), r"listening")


def fastapi_users(python: Path, redis_url: str, database: Path) -> Program:
    """Return fastapi-users with tokens in Redis and people in SQLite, on the Python of its environment."""
    environment = {"REDIS_URL": redis_url, "DATABASE": str(database)}
    command = (str(python), str(PEERS / "fastapi_users" / "server.py"))
    return Program(command, GRANIAN_IS_READY, environment)


def nginx(folder: Path, header: str) -> Program:
    """Return nginx with one process, which answers by itself, with one header such as ``name: value``."""
    name, _, value = header.partition(": ")
    template = folder / "nginx.template"
    template.write_text(_NGINX_SETTINGS.format(folder=folder, name=name, value=value))
    script = f'sed "s/[$]port/$PORT/" {template} > {folder}/nginx.conf; exec {NGINX} -c {folder}/nginx.conf'
    return Program(("sh", "-c", script), r"start worker process|using the|nginx/")


def bearer_service(headers_file: Path) -> Program:
    """Return a service that verifies tokens, and writes a header with a token of each person into a file."""
    command = (sys.executable, "-m", "benchmarks.serving.bearer_app")
    return Program(command, GRANIAN_IS_READY, {"HEADERS_FILE": str(headers_file)})


def auth_api_for_development(kv_url: str, url: str, issuer: str, client_secret: str) -> Program:
    """Return auth-api in its development profile, at a provider of this machine."""
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_KV_URL": kv_url,
        "NETSCRIPT_AUTH_KEYS": generate_key(),
        "NETSCRIPT_AUTH_PUBLIC_URL": url,
        "NETSCRIPT_AUTH_ISSUER": issuer,
        "NETSCRIPT_AUTH_CLIENT_ID": CLIENT_ID,
        "NETSCRIPT_AUTH_CLIENT_SECRET": client_secret,
        "NETSCRIPT_AUTH_RATE_LIMIT": "off",
        "NETSCRIPT_AUTH_AUDIT": "log",
    }
    return Program((sys.executable, "-m", "netscript_plugin_auth"), GRANIAN_IS_READY, environment)


def raw_client(redirect_uri: str, issuer: str, client_secret: str) -> Program:
    """Return a client that goes through a sign-in and checks nothing."""
    environment = {"REDIRECT_URI": redirect_uri, "ISSUER": issuer, "CLIENT_SECRET": client_secret}
    return Program((sys.executable, "-m", "benchmarks.serving.raw_client_app"), GRANIAN_IS_READY, environment)
