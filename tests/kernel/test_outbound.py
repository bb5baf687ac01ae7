"""What an operator reads of a provider that does not answer, and how much of an answer is read."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_kernel.outbound import UnreadableBodyError, no_answer, outbound_client, read_body
from tests.support.certificates import make_certificates

URL = "https://id.acme.example/token?code=secret"
ASKED = "POST https://id.acme.example/token"


def raised_from(cause: BaseException) -> Exception:
    error = httpx.ConnectError("https://user:secret@id.acme.example")
    error.__cause__ = OSError("all attempts failed")
    error.__cause__.__cause__ = ExceptionGroup("several", [cause]) if isinstance(cause, Exception) else cause
    return error


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "secret"), "its name is not known"),
        (ConnectionRefusedError(111, "secret"), "nothing listens there"),
        (ssl.SSLCertVerificationError("secret"), "its certificate is not trusted"),
        (httpx.ReadTimeout("secret"), "it did not answer in time"),
        (ValueError("secret"), "no answer (ConnectError)"),
    ],
)
def test_the_cause_is_told_and_nothing_of_the_request_but_its_address(cause: Exception, words: str) -> None:
    told = no_answer("POST", URL, raised_from(cause))

    assert told.startswith(f"{ASKED}: {words}")
    assert "secret" not in told


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8098/session", "http://127.0.0.1:8098/session"),
        ("https://id.acme.example:443/token", "https://id.acme.example/token"),
        ("http://id.acme.example:80/token", "http://id.acme.example/token"),
        ("https://id.acme.example:80/token", "https://id.acme.example:80/token"),
        ("http://[::1]:8098/session", "http://[::1]:8098/session"),
        ("https://[::1]/session", "https://[::1]/session"),
        ("https://user:secret@id.acme.example:8443/token", "https://id.acme.example:8443/token"),
    ],
)
def test_the_address_is_told_with_a_port_that_is_not_the_schemes_own(url: str, address: str) -> None:
    told = no_answer("GET", url, ConnectionRefusedError())

    assert told == f"GET {address}: nothing listens there"


@pytest.mark.parametrize("url", ["http://[secret/x", "http://id.acme.example:secret/x"])
def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    assert no_answer("GET", url, ConnectionRefusedError()) == "GET: nothing listens there"


class Pieces(httpx.AsyncByteStream):
    """A body that comes in pieces of five bytes, and counts how many were taken."""

    def __init__(self, pieces: int) -> None:
        self._pieces = pieces
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._pieces):
            self.taken += 1
            yield b"12345"


async def test_a_body_is_read_up_to_its_limit() -> None:
    body = await read_body(httpx.Response(200, stream=Pieces(4)), 20)

    assert body == b"12345" * 4


async def test_a_body_beyond_its_limit_is_not_read_on() -> None:
    endless = Pieces(1000)

    with pytest.raises(UnreadableBodyError, match=r"^a body of more than 19 bytes$"):
        await read_body(httpx.Response(200, stream=endless), 19)

    assert endless.taken == 4


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", ""])
async def test_a_body_that_is_encoded_is_not_read_at_all(encoding: str) -> None:
    packed = Pieces(1)

    with pytest.raises(UnreadableBodyError, match="encoded"):
        await read_body(httpx.Response(200, headers={"content-encoding": encoding}, stream=packed), 1000)

    assert packed.taken == 0


async def test_a_port_where_nobody_listens_is_told_as_that() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/jwks"
        http = ProviderHttp()

        with pytest.raises(BackendUnavailableError) as refused:
            await http.get("oidc", url)

    await http.aclose()
    assert refused.value.problem == f"the provider oidc: GET {url}: nothing listens there"


async def test_an_authority_that_is_named_after_a_client_was_made_is_trusted_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = make_certificates(tmp_path)
    server = await asyncio.start_server(_agree, "127.0.0.1", 0, ssl=certificates.server_context())
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
    seconds = timedelta(seconds=30)
    async with server, outbound_client(total=seconds, connect=seconds) as before:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await before.get(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))

        async with outbound_client(total=seconds, connect=seconds) as after:
            answer = await after.get(url)

    assert answer.status_code == httpx.codes.NO_CONTENT


async def _agree(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
    writer.close()
    await writer.wait_closed()
