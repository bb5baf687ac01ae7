"""``netscript auth proxy-check`` at servers that answer anything: it ends soon, and repeats no word."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from netscript_plugin_auth.commands.proxy_check import show_ways_in
from netscript_plugin_auth.proxy_check.check import Limits, check_proxy
from netscript_plugin_auth.proxy_check.target import CheckImpossibleError, read_target
from netscript_plugin_auth.proxy_check.wire import Answer, NoAnswerError, Request, Wire
from tests.support.certificates import make_certificates
from tests.support.desk import AUTH_HOST
from tests.support.pretend_proxy import SIGN_IN, answer, but, closed, forever, saying
from tests.support.raw_server import Asked, Speak, run_raw_server

SECRET = "netscript-session=of-somebody"
HOSTILE = "\x1b[2J\x1b]0;owned\x07hostile"
PATIENCE = 0.2  # of a request to a server that says nothing more


@dataclass(frozen=True)
class Told:
    """What the command told."""

    code: int
    out: str
    err: str


async def told(port: int, capsys: pytest.CaptureFixture[str], url: str = "", **options: object) -> Told:
    """Run the command beside the server."""
    run = partial(show_ways_in, url or f"http://127.0.0.1:{port}/reports", **options)  # type: ignore[arg-type]
    code = await asyncio.to_thread(run)
    captured = capsys.readouterr()
    return Told(code, captured.out, captured.err)


async def ask(speak: Speak, seconds: float = 60, body_of: int | None = None) -> Answer:
    async with run_raw_server(speak) as port:
        wire = Wire(read_target(f"http://127.0.0.1:{port}/reports"), seconds)
        return await wire.ask(Request("GET", "/reports"), body_of=body_of)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file ``.env`` of the repository is read."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (answer("302 Found", "Location: /reports"), "leads to something else"),
        (answer("302 Found", "Location: https://[::"), "neither a page nor a refusal"),
        (answer("307 Temporary", f"Location: //{HOSTILE[1:]}/"), "answered 307"),
        (answer("308 Permanent", f"Location: {SIGN_IN}"), "neither a page nor a refusal"),
        (
            answer("401 No", 'WWW-Authenticate: Basic realm="hostile"'),
            "asks for a password",
        ),
        (answer("404 hostile"), "answered 404"),
        (answer("500 hostile", body=HOSTILE), "answered 500"),  # nginx, where /verify is not there
        (answer("503 Service Unavailable", "Retry-After: 9"), "answered 503"),
    ],
)
async def test_a_page_that_is_not_refused_by_auth_api_is_told_with_code_2(
    capsys: pytest.CaptureFixture[str], said: str, says: str
) -> None:
    async with run_raw_server(saying(lambda _: said)) as port:
        done = await told(port, capsys)

    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "hostile" not in done.err


GARBAGE: Sequence[bytes] = [
    b"",
    b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"SSH-2.0-hostile\r\n",
    b"HTTP/1.1 \x1b[2J hostile\r\n\r\n",
    b"HTTP/1.1 2000 hostile\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nhostile",
    b"HTTP/1.1 200 OK\r\n\x1b]0;hostile: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: hostile\r\n\r\n",
    b"HTTP/1.1 200 " + b"hostile" * 20_000,
    b"HTTP/1.1 200 OK\r\n" + b"X-Hostile: hostile\r\n" * 20_000,
]


@pytest.mark.parametrize("said", GARBAGE, ids=lambda said: repr(said[:24]))
async def test_garbage_is_told_with_code_2_and_never_repeated(
    capsys: pytest.CaptureFixture[str], said: bytes
) -> None:
    async with run_raw_server(saying(lambda _: said.decode("latin-1"))) as port:
        done = await told(port, capsys)

    assert (done.code, done.out) == (2, "")
    assert "HTTP" in done.err or "closed" in done.err
    assert "hostile" not in done.err.lower()
    assert "\x1b" not in done.err


@pytest.mark.parametrize(
    "speak",
    [
        forever(b"X-Endless: x\r\n" * 100, before=b"HTTP/1.1 200 OK\r\n"),
        forever(b"a" * 1000, before=b"HTTP/1.1 200 "),
        forever(b"a" * 1000),
    ],
    ids=["headers", "status line", "nothing but letters"],
)
async def test_a_head_without_end_is_given_up_long_before_the_time_is(speak: Speak) -> None:
    with pytest.raises(NoAnswerError, match="no answer of HTTP"):
        await ask(speak)


@pytest.mark.parametrize(
    "speak",
    [
        forever(b"", pause=PATIENCE),
        forever(b"", before=b"HTTP/1.1 200 OK\r\nX-Half: ", pause=PATIENCE),
        forever(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ],
    ids=["nothing", "half a head", "hints"],
)
async def test_an_answer_that_never_comes_is_waited_for_no_longer_than_said(speak: Speak) -> None:
    with pytest.raises(NoAnswerError, match="no answer within"):
        await ask(speak, PATIENCE)


async def test_of_a_body_without_end_a_piece_is_read_and_none_where_it_is_not_wanted() -> None:
    endless = forever(b"a" * 4096, before=b"HTTP/1.1 401 Unauthorized\r\n\r\n")
    silent = forever(b"", before=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", pause=PATIENCE)

    wanted = await ask(endless, body_of=401)
    unwanted = await ask(silent, body_of=401)

    assert len(wanted.body) == 256 * 1024
    assert unwanted.body == b""


async def test_all_requests_together_take_no_longer_than_said() -> None:
    async with run_raw_server(forever(b"", pause=PATIENCE)) as port:
        target = read_target(f"http://127.0.0.1:{port}/reports")

        with pytest.raises(CheckImpossibleError, match="too slow"):
            await check_proxy(target, limits=Limits(request=60, all=PATIENCE))


async def test_tls_where_none_is_and_none_where_tls_is_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer("400 Bad Request").encode())
        writer.close()

    context = make_certificates(tmp_path).server_context()
    plain = await asyncio.start_server(refuse, "127.0.0.1", 0)
    encrypted = await asyncio.start_server(refuse, "127.0.0.1", 0, ssl=context)
    async with plain, encrypted:
        plain_port, tls_port = (each.sockets[0].getsockname()[1] for each in (plain, encrypted))

        at_plain = await told(plain_port, capsys, url=f"https://127.0.0.1:{plain_port}/reports")
        at_tls = await told(tls_port, capsys)
        by_name = f"https://{AUTH_HOST}/reports"
        untrusted = await told(tls_port, capsys, url=by_name, connect=f"127.0.0.1:{tls_port}")

    assert (at_plain.code, at_tls.code, untrusted.code) == (2, 2, 2)
    assert "the connection failed" in at_plain.err
    assert "no answer of HTTP/1.1" in at_tls.err
    assert "the certificate is not trusted" in untrusted.err


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("acme.example/reports", {}),
        ("ftp://acme.example/", {}),
        ("https://", {}),
        ("https://[hostile", {}),
        ("https://acme.example:hostile/", {}),
        ("https://acme.example:99999/", {}),
        ("https://hostile:hostile@acme.example/", {}),
        ("https://acme.example/#hostile", {}),
        ("https://acme.example/hostile\r\nX: y", {}),
        ("https://acme.example/h\u00f6stile", {}),
        ("https://acme.example/", {"connect": "hostile"}),
        ("https://acme.example/", {"connect": "hostile@127.0.0.1:443"}),
        ("https://acme.example/", {"sign_in": "hostile"}),
        ("https://acme.example/", {"sign_in": "https://[hostile"}),
        ("http://127.0.0.1:1/", {"echo": "hostile"}),
        ("http://127.0.0.1:1/", {"echo": "/hostile\x1b"}),
        ("http://127.0.0.1:1/", {"cookie_file": Path("hostile")}),
        ("http://127.0.0.1:1/", {}),
        ("http://127.0.0.1:0/", {}),
        (f"https://{'hostile' * 10}.example/", {}),
        ("https://.hostile.example/", {}),
    ],
    ids=repr,
)
async def test_what_cannot_be_asked_is_told_with_code_2_and_not_repeated(
    capsys: pytest.CaptureFixture[str], url: str, options: dict[str, object]
) -> None:
    done = await told(0, capsys, url=url, **options)

    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("Nothing is known of the proxy.\n")
    assert len(done.err) < 300
    assert "hostile" not in done.err


@pytest.mark.parametrize(
    "content", ["hostile", "", "a=hostile\nb=2", "a=\x1bhostile", "a=\u00f6hostile", "a=" + "hostile" * 3000]
)
async def test_a_file_without_a_cookie_is_told_with_code_2_and_not_repeated(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "cookie"
    file.write_text(content)

    done = await told(1, capsys, cookie_file=file)

    assert (done.code, done.out) == (2, "")
    assert "hostile" not in done.err
    assert "--cookie-file" in done.err


@pytest.mark.parametrize("as_json", [False, True])
async def test_neither_the_cookie_nor_a_word_of_the_other_side_is_ever_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    def answers(asked: Asked) -> str:
        if "GET /headers" in asked.head:
            return answer("200 OK", body='{"X-Auth-Request-User": "hostile \\u001b[2J"}')
        if SECRET in asked.head:
            return answer("200 hostile", "Set-Cookie: hostile", f"X: {asked.head[:40]!r}", body=HOSTILE)
        if "kube-probe" in asked.head:
            return answer(f"200 {HOSTILE[4:8]}hostile", "X-Hostile: hostile", body=HOSTILE)
        if "PROPFIND" in asked.head:
            return answer("418 hostile", "Location: hostile", body=HOSTILE)
        return closed(asked)

    monkeypatch.setenv("NETSCRIPT_PROXY_CHECK_COOKIE", SECRET)
    async with run_raw_server(saying(answers)) as port:
        done = await told(port, capsys, echo="/headers", as_json=as_json)

    assert (done.code, done.err) == (1, "")
    assert "probes" in done.out
    assert not any(word in done.out for word in ("hostile", "of-somebody", "\x1b"))


async def test_a_session_that_is_shown_nothing_is_told_with_code_2_and_not_repeated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSCRIPT_PROXY_CHECK_COOKIE", SECRET)
    async with run_raw_server(saying(closed)) as port:
        done = await told(port, capsys)

    assert done.code == 2
    assert "it has ended, or its cookie is not whole" in done.err
    assert "of-somebody" not in done.err


async def test_an_echo_that_echoes_nothing_is_told_with_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with run_raw_server(saying(but("GET /headers", answer("200 OK", body=HOSTILE)))) as port:
        done = await told(port, capsys, echo="/headers")

    assert (done.code, done.out) == (2, "")
    assert "no JSON of the headers" in done.err
    assert "hostile" not in done.err
