"""What an operator reads of a provider that does not answer."""

import socket
import ssl

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_kernel.outbound import no_answer

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


async def test_a_port_where_nobody_listens_is_told_as_that() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/jwks"
        http = ProviderHttp()

        with pytest.raises(BackendUnavailableError) as refused:
            await http.get("oidc", url)

    await http.aclose()
    assert refused.value.problem == f"the provider oidc: GET {url}: nothing listens there"
