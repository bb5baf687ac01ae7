"""The servers that are compared, running: each on one processor, with the same question to each."""

import json
import os
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.serving import programs
from benchmarks.serving.programs import HOST, SESSION_PATH, Program
from tests.support.ports import unused_port
from tests.support.processes import running

SESSION_COOKIE = "__Host-netscript-session"
STALENESS = "10s"
"""For so long answers are given again, where they are."""

AT_A_TIME = 1_000
"""So many people ask there, each again and again, as a page behind a proxy does."""

_PEOPLE = 20
_PATIENCE_SECONDS = 60.0
_JSON = {"content-type": "application/json"}
_ADDED_BY_THE_SERVER = frozenset({"date", "server", "connection"})


@dataclass(frozen=True, slots=True)
class Target:
    """A running server.

    Attributes:
        name: In the table.
        port: On 127.0.0.1.
        path: What is asked.
        host: Its ``Host``.
        headers_file: See ``Load``.
        expected: See ``Load``.
    """

    name: str
    port: int
    path: str
    host: str
    headers_file: Path
    expected: str


@dataclass(frozen=True, slots=True)
class Question:
    """What auth-api is asked.

    Attributes:
        path: Of the request.
        expected: Text that the head or the body of every answer must have.
    """

    path: str
    expected: str


CHECK = Question(SESSION_PATH, '"authenticated":true')


@contextmanager
def auth_api(
    store: str, kv_url: str, headers_file: Path, processor: int, question: Question = CHECK
) -> Generator[Target]:
    """Run auth-api on a store that is there."""
    with serving(programs.auth_api(kv_url), processor) as port:
        yield Target(f"auth-api, {store}", port, question.path, HOST, headers_file, question.expected)


@contextmanager
def auth_api_again(
    kv_url: str, headers_file: Path, processor: int, question: Question = CHECK
) -> Generator[Target]:
    """Run auth-api with answers that are given again for a while, asked by those who are there at a time."""
    few = headers_file.with_suffix(".few")
    with headers_file.open() as lines:
        few.write_text("".join(islice(lines, AT_A_TIME)))
    with serving(programs.auth_api(kv_url, STALENESS), processor) as port:
        yield Target(f"the same, {STALENESS} stale", port, question.path, HOST, few, question.expected)


@contextmanager
def raw_asgi(other: Target, folder: Path, processor: int) -> Generator[Target]:
    """Run an ASGI callable that gives the very answer of another server."""
    answer = folder / "answer.json"
    answer.write_text(json.dumps(_answer_of(other)))
    with serving(programs.raw_asgi(answer), processor) as port:
        yield Target("raw ASGI", port, other.path, other.host, other.headers_file, other.expected)


@contextmanager
def bearer_service(folder: Path, processor: int) -> Generator[Target]:
    """Run a service that verifies the tokens of those who call."""
    headers = folder / "bearer.txt"
    with serving(programs.bearer_service(headers), processor) as port:
        yield Target("auth client, local", port, "/", HOST, headers, '"userId":"usr_')


@contextmanager
def nginx(other: Target, folder: Path, processor: int) -> Generator[Target | None]:
    """Run nginx with an answer of its own to the question of another server; ``None`` where there is none."""
    if not programs.NGINX:
        yield None
        return
    with serving(programs.nginx(folder, other.expected), processor) as port:
        yield Target("nginx alone", port, other.path, other.host, other.headers_file, other.expected)


@contextmanager
def better_auth(folder: Path, processor: int) -> Generator[Target]:
    """Run better-auth, sign people up there, and ask for their sessions."""
    with serving(programs.better_auth(), processor) as port:
        headers = folder / "better_auth.txt"
        headers.write_text("".join(f"cookie: {_sign_up(port, number)}\n" for number in range(_PEOPLE)))
        yield Target("better-auth", port, "/api/auth/get-session", f"127.0.0.1:{port}", headers, '"userId"')


@contextmanager
def fastapi_users(python: Path, redis_url: str, folder: Path, processor: int) -> Generator[Target]:
    """Run fastapi-users, register people there, and ask who they are."""
    program = programs.fastapi_users(python, redis_url, folder / "fastapi_users.db")
    with serving(program, processor) as port:
        headers = folder / "fastapi_users.txt"
        tokens = [_log_in(port, number) for number in range(_PEOPLE)]
        headers.write_text("".join(f"authorization: Bearer {token}\n" for token in tokens))
        yield Target("fastapi-users", port, "/users/me", f"127.0.0.1:{port}", headers, '"is_active":true')


@contextmanager
def serving(program: Program, processor: int, at: int | None = None) -> Generator[int]:
    """Run a server on one processor while the block lasts, and yield its port: a free one by default."""
    port = at or unused_port()
    settings = [f"{name}={value}" for name, value in {**program.environment, "PORT": str(port)}.items()]
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {processor})  # inherited by the server and its workers
    try:
        with running(["env", *settings, *program.command], program.ready):
            os.sched_setaffinity(0, before)
            _wait_until_it_answers(port)
            yield port
    finally:
        os.sched_setaffinity(0, before)


def _wait_until_it_answers(port: int) -> None:
    """Some say that they are ready when they begin to start."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            _ask(port, "GET", "/", {})
        except OSError:
            if time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(0.05)


def _answer_of(target: Target) -> dict[str, object]:
    """Return a signed-in person's answer: status, headers and body."""
    name, _, value = target.headers_file.open().readline().strip().partition(": ")
    response, body = _ask(target.port, "GET", target.path, {"host": target.host, name: value})
    headers = [(name.lower(), value) for name, value in response.getheaders()]
    kept = [header for header in headers if header[0] not in _ADDED_BY_THE_SERVER]
    if target.expected not in f"{response.headers}{body}":
        raise RuntimeError(f"{target.name} does not know who is signed in: {response.status} {body}")
    return {"status": response.status, "headers": kept, "body": body}


def _sign_up(port: int, number: int) -> str:
    """Sign somebody up at better-auth, and return the cookies."""
    headers = {**_JSON, "origin": f"http://127.0.0.1:{port}"}
    person = {"name": "Alice Adams", **_credentials(number)}
    response, body = _ask(port, "POST", "/api/auth/sign-up/email", headers, json.dumps(person))
    cookies = [value.partition(";")[0] for value in response.headers.get_all("set-cookie", [])]
    if not cookies:
        raise RuntimeError(f"better-auth signed nobody up: {response.status} {body}")
    return "; ".join(cookies)


def _log_in(port: int, number: int) -> str:
    """Register somebody at fastapi-users, and return the token of a login."""
    person = _credentials(number)
    _ask(port, "POST", "/register", _JSON, json.dumps(person))
    form = urlencode({"username": person["email"], "password": person["password"]})
    content_type = {"content-type": "application/x-www-form-urlencoded"}
    _, body = _ask(port, "POST", "/login", content_type, form)
    token: str = json.loads(body)["access_token"]
    return token


def _credentials(number: int) -> dict[str, str]:
    return {"email": f"alice.adams.{number}@example.com", "password": secrets.token_urlsafe()}


def _ask(
    port: int, method: str, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text
