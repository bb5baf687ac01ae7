"""The one client that speaks to providers: its limits."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import httpx
import pytest
import respx

from netscript_auth_core.errors import BackendUnavailableError, ProviderProtocolError
from netscript_auth_kv_oauth.provider import provider_http
from netscript_auth_kv_oauth.provider.provider_http import MOST_BYTES, ProviderHttp

URL = "https://idp.example/document"


class Drip(httpx.AsyncByteStream):
    """A body that comes chunk by chunk, for ever.

    Attributes:
        sent: How many chunks were taken.
    """

    def __init__(self, chunk: bytes, *, is_slow: bool = False) -> None:
        self._chunk = chunk
        self._is_slow = is_slow
        self.sent = 0
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            if self._is_slow:
                await anyio.sleep_forever()
            self.sent += 1
            yield self._chunk

    async def aclose(self) -> None:
        self.is_closed = True


async def test_a_body_without_end_is_left_when_it_is_too_large() -> None:
    drip = Drip(b"x" * 1024)

    with pytest.raises(ProviderProtocolError, match="more than"):
        await _get(httpx.Response(200, stream=drip))

    assert drip.sent == MOST_BYTES // 1024 + 1
    assert drip.is_closed


async def test_a_body_of_just_the_most_bytes_is_read() -> None:
    answer = await _get(httpx.Response(200, content=b"x" * MOST_BYTES))

    assert len(answer.body) == MOST_BYTES


async def test_a_body_that_comes_too_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_http, "TOTAL_LIMIT", timedelta(milliseconds=20))
    drip = Drip(b"x", is_slow=True)

    with pytest.raises(BackendUnavailableError, match="did not answer in time"):
        await _get(httpx.Response(200, stream=drip))

    assert drip.is_closed


async def test_a_redirect_is_not_followed() -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(302, headers={"location": "https://evil.example/"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), follow_redirects=True) as client:
        found = await ProviderHttp(client).get("oidc", URL)

    assert found.is_redirect
    assert asked == [httpx.URL(URL)]


async def test_a_compressed_body_is_not_unpacked() -> None:
    with pytest.raises(ProviderProtocolError, match="encoded"):
        await _get(httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Drip(b"\x1f\x8b")))


async def test_our_own_client_keeps_no_cookie() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": "lb=one; Path=/"})

    http = ProviderHttp()
    with respx.mock as router:
        router.get(URL).mock(side_effect=answer)

        await http.get("oidc", URL)
        await http.get("oidc", URL)

    await http.aclose()
    assert sent == [None, None]


async def test_our_own_client_asks_the_environment_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    class Client(httpx.AsyncClient):
        def __init__(self, **options: Any) -> None:
            asked.update(options)
            super().__init__(**options)

    monkeypatch.setattr(httpx, "AsyncClient", Client)
    await ProviderHttp().aclose()

    assert (asked["trust_env"], asked["follow_redirects"]) == (False, False)


async def test_a_client_that_is_not_ours_stays_open() -> None:
    async with httpx.AsyncClient() as client:
        await ProviderHttp(client).aclose()

        assert not client.is_closed


@pytest.mark.parametrize("url", ["https://[::1:443/", f"https://{'x' * 64}.invalid/", "https://:0/"])
async def test_an_address_that_cannot_be_asked_is_an_outage(url: str) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(BackendUnavailableError):
            await ProviderHttp(client).get("oidc", url)


async def _get(response: httpx.Response) -> provider_http.Answer:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: response)) as client:
        return await ProviderHttp(client).get("oidc", URL)
