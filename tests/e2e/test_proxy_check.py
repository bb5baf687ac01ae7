"""``netscript auth proxy-check`` at real proxies: those of ``examples/forward-auth``, and weaker ones."""

import json
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from netscript_plugin_auth.proxy_check.check import check_proxy
from netscript_plugin_auth.proxy_check.findings import Verdict
from netscript_plugin_auth.proxy_check.target import read_target
from netscript_plugin_auth.proxy_check.ways_in import WAYS_IN
from tests.plugin_auth.test_auth_commands import run
from tests.support.company import REPORTS, Company, run_company
from tests.support.proxies import Change, RunProxy, run_caddy, run_envoy, run_nginx, run_traefik

pytestmark = [
    *(pytest.mark.proxy, pytest.mark.peer, pytest.mark.slow, pytest.mark.full),
    pytest.mark.xdist_group("proxy_check"),
]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Generator[Company]:
    with run_company(tmp_path_factory.mktemp("proxy-check")) as company:
        yield company


async def session_of(company: Company) -> str:
    """Sign in, and return what the browser sends as ``Cookie`` from then on."""
    async with company.browser() as browser:
        await company.sign_in(browser)
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)


def check(company: Company, folder: Path, *words: str, **variables: str) -> tuple[int, str]:
    """Run the command, and return its exit code and its output."""
    trusted = {"SSL_CERT_FILE": str(company.certificates.authority), **variables}
    where = (f"{company.url}{REPORTS}", "--connect", f"127.0.0.1:{company.port}")
    done = run("auth", "proxy-check", *where, *words, folder=folder, **trusted)
    assert done.stderr == ""
    return done.returncode, done.stdout


def within(question: str) -> Change:
    """nginx, its question weakened: what holds for a request decides that it passes unasked."""
    return lambda example: _replaced(example, "internal;", f"internal; if ({question}) {{ return 200; }}")


def beside(location: str) -> Change:
    """nginx with one more location."""
    return lambda example: _replaced(example, "location / {", f"{location}\n    location / {{")


def instead(of: str, there: str) -> Change:
    """An example with something else in the place of a piece of it."""
    return lambda example: _replaced(example, of, there)


def _replaced(example: str, of: str, there: str) -> str:
    assert of in example, of
    return example.replace(of, there)


_TO_APPLICATION = "{ proxy_pass http://127.0.0.1:3000; }"
_HOST, _URI = "X-Forwarded-Host $http_host", "X-Forwarded-Uri $request_uri"
WEAKNESSES: Sequence[tuple[str, Change]] = [
    ("closed", instead("auth_request /_verify;", "")),
    ("probes", within("$http_user_agent ~ ^kube-probe/")),
    ("probes", within("$http_user_agent ~ GoogleHC")),
    ("methods", within("$request_method = HEAD")),
    ("methods", within("$request_method !~ ^(GET|HEAD|POST|OPTIONS)$")),
    ("preflight", within("$request_method = OPTIONS")),
    ("preflight", within("$http_access_control_request_method")),
    ("websocket", within("$http_upgrade = websocket")),
    ("claims", within("$http_x_auth_request_user")),
    ("claims", within("$http_x_forwarded_user")),
    ("claims", within("$http_authorization")),
    ("forwarded", within("$http_x_forwarded_uri ~ ^/login")),
    ("forwarded", within("$http_x_original_url ~ ^/health")),
    ("forwarded", within("$http_x_forwarded_method = OPTIONS")),
    ("forwarded", within("$http_x_forwarded_for ~ ^127")),
    ("paths", beside(f"location ~ [.]css$ {_TO_APPLICATION}")),
    ("paths", beside(f"location ~ '[;]' {_TO_APPLICATION}")),
    ("paths", beside(f"merge_slashes off; location // {_TO_APPLICATION}")),
    ("paths", within("$request_uri ~ ^/login")),
    ("paths", within("$request_uri ~ ^/assets/auth.css(/|%2f)")),
    ("paths", within("$request_uri ~ %2e")),
    ("verify", beside("location = /api/v1/auth/verify { return 200; }")),
    ("destination", instead(_HOST, _HOST.replace("$http_host", "$http_x_forwarded_host"))),
    ("destination", instead(_URI, _URI.replace("$request_uri", "$http_x_forwarded_uri"))),
]


@pytest.mark.parametrize("run_proxy", [run_nginx, run_caddy, run_traefik, run_envoy])
async def test_a_proxy_of_the_examples_lets_nobody_by(
    company: Company, tmp_path: Path, run_proxy: RunProxy
) -> None:
    with run_proxy(company.place()):
        code, out = check(company, tmp_path)

    assert code == 0, out
    assert "FAILED" not in out.replace("0 FAILED", "")
    assert out.count("passed ") >= len(WAYS_IN)


@pytest.mark.parametrize(("name", "change"), WEAKNESSES)
async def test_a_weakness_of_a_proxy_is_found_by_its_check(
    company: Company, name: str, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.certificates.authority))
    target = read_target(f"{company.url}{REPORTS}", f"127.0.0.1:{company.port}")
    with run_nginx(company.place(change)):
        findings = await check_proxy(target)

    assert name in {each.name for each in findings if each.verdict is Verdict.FAILED}


@pytest.mark.parametrize("run_proxy", [run_nginx, run_caddy, run_traefik, run_envoy])
async def test_no_made_up_identity_reaches_the_application_behind_an_example(
    company: Company, tmp_path: Path, run_proxy: RunProxy
) -> None:
    with run_proxy(company.place()):
        cookie = await session_of(company)
        code, out = check(company, tmp_path, "--echo", "/headers", NETSCRIPT_PROXY_CHECK_COOKIE=cookie)

    assert code == 0, out
    assert "passed      identity" in out
    assert "passed      hop-by-hop" in out


@pytest.mark.parametrize(
    ("name", "run_proxy", "change"),
    [
        ("identity", run_nginx, instead("proxy_set_header X-Auth-Request-Groups $auth_groups;", "")),
        ("identity", run_nginx, instead('proxy_set_header X-Forwarded-User      "";', "")),
        ("identity", run_nginx, instead("server_name", "underscores_in_headers on; server_name")),
        ("identity", run_caddy, instead("request_header -X_auth_request*", "")),
        ("hop-by-hop", run_caddy, instead("header_up X-Auth-Request-User", "header_up X-Other")),
    ],
)
async def test_a_made_up_identity_that_reaches_the_application_is_found(
    company: Company, name: str, run_proxy: RunProxy, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.certificates.authority))
    target = read_target(f"{company.url}{REPORTS}", f"127.0.0.1:{company.port}")
    with run_proxy(company.place(change)):
        cookie = await session_of(company)
        findings = await check_proxy(target, cookie, "/headers")

    assert [each.name for each in findings if each.verdict is Verdict.FAILED] == [name]


async def test_a_weak_proxy_is_told_of_with_the_fix(company: Company, tmp_path: Path) -> None:
    with run_nginx(company.place(within("$request_method = OPTIONS"))):
        code, out = check(company, tmp_path)
        programs_code, document = check(company, tmp_path, "--json")

    failed = [each for each in json.loads(document)["checks"] if each["verdict"] == "failed"]
    assert (code, programs_code) == (1, 1)
    assert [each["check"] for each in failed] == ["preflight"]
    assert "OPTIONS /reports?year=2026: answered 200" in out
    assert f"Fix: {failed[0]['fix']}." in out


async def test_a_session_is_used_and_shown_nowhere(company: Company, tmp_path: Path) -> None:
    with run_nginx(company.place()):
        cookie = await session_of(company)
        file = tmp_path / "cookie"
        file.write_text(f"Cookie: {cookie}\n")

        by_file = check(company, tmp_path, "--cookie-file", str(file))
        by_variable = check(company, tmp_path, "--json", NETSCRIPT_PROXY_CHECK_COOKIE=cookie)

    assert (by_file[0], by_variable[0]) == (0, 0)
    secret = cookie.rpartition("=")[2]
    assert secret not in by_file[1] + by_variable[1]
