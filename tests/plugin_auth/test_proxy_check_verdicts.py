"""What ``netscript auth proxy-check`` makes of a refusal: auth-api's own, or that of anybody else."""

import pytest

from netscript_plugin_auth.proxy_check.check import check_proxy
from netscript_plugin_auth.proxy_check.findings import Finding, Verdict
from netscript_plugin_auth.proxy_check.target import CheckImpossibleError, read_target
from tests.support.pretend_proxy import PROBLEM, SIGN_IN, Answers, answer, but, closed, saying
from tests.support.raw_server import Asked, run_raw_server

SECRET = "netscript-session=of-somebody"


async def verdicts(answers: Answers, cookie: str | None = None) -> dict[str, Finding]:
    async with run_raw_server(saying(answers)) as port:
        findings = await check_proxy(read_target(f"http://127.0.0.1:{port}/reports"), cookie)
    return {each.name: each for each in findings}


async def test_a_closed_proxy_passes_and_what_needs_an_application_is_not_judged() -> None:
    found = await verdicts(closed)

    not_judged = {name for name, each in found.items() if each.verdict is Verdict.NOT_JUDGED}
    assert {each.verdict for name, each in found.items() if name not in not_judged} == {Verdict.PASSED}
    assert not_judged == {"identity", "hop-by-hop"}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("probes", "User-Agent: kube-probe"),
        ("methods", "NETSCRIPT /reports"),
        ("preflight", "Access-Control-Request-Method"),
        ("websocket", "Upgrade: websocket"),
        ("claims", "Authorization: Basic Og=="),
        ("forwarded", "X-Original-URL: /health/live"),
        ("paths", "GET //reports"),
        ("verify", "GET /api/v1/auth/verify?"),
    ],
)
async def test_one_request_that_is_let_by_fails_its_check_and_no_other(name: str, line: str) -> None:
    found = await verdicts(but(line, answer("200 OK", body="page")))

    assert [each.name for each in found.values() if each.verdict is Verdict.FAILED] == [name]


OF_THE_APPLICATION = [
    answer("401 Unauthorized", body="who are you?"),
    answer("401 Unauthorized", "WWW-Authenticate: Basic"),
    answer("401 Unauthorized", "Content-Type: application/problem+json", body='{"code":"OTHER"}'),
    answer("401 Unauthorized", "Content-Type: application/problem+json", body="UNAUTHORIZED"),
    answer("401 Unauthorized", "Content-Type: application/json", body='{"code":"UNAUTHORIZED"}'),
    answer("302 Found", "Location: /elsewhere"),
    answer("302 Found"),
    answer("302 Found", "Location: http://[/"),
    answer("404 Not Found"),
    answer("500 Internal Server Error"),
]


@pytest.mark.parametrize("theirs", OF_THE_APPLICATION)
async def test_what_may_be_the_applications_own_refusal_is_not_taken_for_ours(theirs: str) -> None:
    found = await verdicts(but("Upgrade: websocket", theirs))

    assert found["websocket"].verdict is Verdict.NOT_JUDGED
    assert "auth-api" in found["websocket"].seen[0] or "application" in found["websocket"].seen[0]


async def test_an_odd_path_that_the_application_itself_refuses_is_no_proof_either() -> None:
    found = await verdicts(but("GET //reports", OF_THE_APPLICATION[0]))

    assert found["paths"].verdict is Verdict.NOT_JUDGED


async def test_what_a_session_is_shown_and_a_stranger_is_not_is_closed_whoever_refuses() -> None:
    def answers(asked: Asked) -> str:
        if SECRET in asked.head:
            return answer("200 OK", body="page")
        return but("Upgrade: websocket", OF_THE_APPLICATION[0])(asked)

    found = await verdicts(answers, SECRET)

    assert found["websocket"].verdict is Verdict.PASSED


async def test_a_refusal_of_the_page_that_nobody_signs_is_not_judged() -> None:
    found = await verdicts(lambda _: answer("401 Unauthorized", body="a page of the proxy"))

    assert found["closed"].verdict is Verdict.NOT_JUDGED
    assert not any(each.verdict is Verdict.FAILED for each in found.values())


async def test_the_header_of_verify_says_who_refused() -> None:
    marked = answer("401 Unauthorized", f"X-Auth-Request-Redirect: {SIGN_IN}")

    found = await verdicts(lambda _: marked)

    assert found["closed"].verdict is Verdict.PASSED
    assert found["methods"].verdict is Verdict.PASSED


async def test_a_server_that_hangs_up_on_a_way_in_leaves_it_unjudged() -> None:
    found = await verdicts(but("PROPFIND", ""))

    assert found["methods"].verdict is Verdict.NOT_JUDGED
    assert found["methods"].seen == ["PROPFIND /reports: what came is no answer of HTTP/1.1, or was cut off"]


async def test_people_who_sign_in_elsewhere_do_so_where_the_operator_says() -> None:
    elsewhere = answer("302 Found", "Location: https://people.example/sign-in?back=1")

    def hosted(asked: Asked) -> str:
        return elsewhere if asked.is_navigation else PROBLEM

    async with run_raw_server(saying(hosted)) as port:
        url = f"http://127.0.0.1:{port}/reports"

        findings = await check_proxy(read_target(url, sign_in="https://people.example/sign-in?x=y"))

        with pytest.raises(CheckImpossibleError, match="--sign-in"):
            await check_proxy(read_target(url))
    assert not any(each.verdict is Verdict.FAILED for each in findings)
