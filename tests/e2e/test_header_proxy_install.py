"""The example of a third-party backend, as wheels: found by its entry point, believing only its proxy."""

import json
import os
import re
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.support.auth_api_process import API, is_ready, make_key, run_auth_api
from tests.support.ports import unused_port
from tests.support.program import started
from workspace import ROOT

pytestmark = pytest.mark.full

HOST = "auth.acme.example"
TRUSTED = "NETSCRIPT_AUTH_HEADER_PROXY_TRUSTED"
USER = ("X-Forwarded-User", "alice")
EMAIL = ("X-Forwarded-Email", "alice@acme.example")
COOKIE = ("Cookie", "_oauth2_proxy=a-session-of-the-proxy")
ELSEWHERE = (("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.1"), ("X-Real-IP", "192.0.2.1"))

Headers = Sequence[tuple[str, str]]


def variables(**more: str) -> dict[str, str]:
    return {
        "NETSCRIPT_AUTH_PUBLIC_URL": f"https://{HOST}",
        "NETSCRIPT_AUTH_KEYS": make_key(),
        "NETSCRIPT_KV_URL": "memory://",
        "NETSCRIPT_HOST": "127.0.0.1",
        "NETSCRIPT_AUTH_BACKEND": "header-proxy",
        **more,
    }


@contextmanager
def serving(environment: Path, folder: Path, **more: str) -> Generator[int]:
    """Run the service while the block lasts, and give its port."""
    port = unused_port()
    serve = (environment / "bin" / "netscript", "auth", "serve")
    with run_auth_api(variables(**more), port, folder, serve):
        yield port


def who(port: int, *headers: tuple[str, str]) -> dict[str, Any]:
    """Ask /me with exactly these headers, in this order and spelling."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest("GET", f"{API}/me", skip_host=True)
        for name, value in (("Host", HOST), *headers):
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == 200
        told: dict[str, Any] = json.loads(answer.read())
        return told
    finally:
        connection.close()


def test_the_proxy_says_who_is_there_and_nothing_that_only_looks_like_it_does(
    adapter_environment: Path, tmp_path: Path
) -> None:
    with serving(adapter_environment, tmp_path, **{TRUSTED: "127.0.0.1"}) as port:
        somebody = who(port, USER, EMAIL, COOKIE)
        again = who(port, *((name.upper(), value) for name, value in (USER, EMAIL, COOKIE)))
        nobody: list[Headers] = [
            (),
            (COOKIE,),
            (USER, EMAIL),
            (("X_Forwarded_User", "alice"), ("X_Forwarded_Email", "alice@acme.example"), COOKIE),
            (USER, ("X-Forwarded-User", "mallory"), EMAIL, COOKIE),
            (USER, EMAIL, ("X-Forwarded-Email", "mallory@acme.example"), COOKIE),
            (("X-Forwarded-User", ""), EMAIL, COOKIE),
            (USER, ("X-Forwarded-Email", ""), COOKIE),
            (USER, EMAIL, ("Cookie", "_oauth2_proxy=a"), ("Cookie", "_oauth2_proxy=b")),
        ]
        answers = [who(port, *headers) for headers in nobody]

    assert somebody["user"]["email"] == "alice@acme.example"
    assert somebody["session"]["backend"] == "header-proxy"
    assert again["session"]["handle"] == somebody["session"]["handle"]
    assert [headers for headers, told in zip(nobody, answers, strict=True) if told["authenticated"]] == []


def test_the_same_headers_from_anywhere_else_are_nobodys(adapter_environment: Path, tmp_path: Path) -> None:
    with serving(adapter_environment, tmp_path, **{TRUSTED: "192.0.2.1, 198.51.100.0/24"}) as port:
        told = who(port, USER, EMAIL, COOKIE, *ELSEWHERE)

    assert (told["authenticated"], told["reason"]) == (False, "no_session")


def test_without_its_list_it_does_not_start(adapter_environment: Path, tmp_path: Path) -> None:
    serve = (adapter_environment / "bin" / "netscript", "auth", "serve")
    with started(serve, {"PORT": str(unused_port()), **variables()}, tmp_path) as refused:
        assert refused.wait() == 2
        assert f"{TRUSTED} is not set" in refused.stderr
        assert "the networks that the proxy connects from" in refused.stderr


def test_a_list_of_everybody_in_two_halves_does_not_start(adapter_environment: Path, tmp_path: Path) -> None:
    serve = (adapter_environment / "bin" / "netscript", "auth", "serve")
    everybody = variables(**{TRUSTED: "0.0.0.0/1,128.0.0.0/1"})
    with started(serve, {"PORT": str(unused_port()), **everybody}, tmp_path) as refused:
        assert refused.wait() == 2
        assert f"{TRUSTED} has an entry, number 1, that is too wide" in refused.stderr


def test_who_tries_what_the_readme_says_is_somebody(adapter_environment: Path, tmp_path: Path) -> None:
    port = str(unused_port())
    readme = (ROOT / "examples" / "header_proxy" / "README.md").read_text()
    (serve,), (ask,) = (
        re.findall(rf"^```{kind}\n({begin}.*?)^```$", readme.replace("8094", port), re.MULTILINE | re.DOTALL)
        for kind, begin in (("sh server", "export"), ("sh", "curl"))
    )
    variables = {"PORT": port, "PATH": f"{adapter_environment / 'bin'}:{os.environ['PATH']}"}

    with started(("bash", "-euc", serve), variables, tmp_path) as api:
        api.wait_until(lambda: is_ready(int(port)), "auth-api is ready")
        told = json.loads(subprocess.run(["bash", "-euc", ask], check=True, capture_output=True).stdout)  # noqa: S607 - bash of the PATH

    assert (told["authenticated"], told["user"]["email"]) == (True, "zoe@x.example")
