"""What a relying party made of Authlib alone lets pass, and we do not."""

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.provider.provider_http import MOST_BYTES
from tests.kv_oauth.pretend import Counter, open_pretend


async def test_an_empty_subject_is_nobody() -> None:
    async with open_pretend() as counter:
        counter.idp.claims = {"sub": ""}

        await _expect(FlowReason.SUBJECT_INVALID, counter)


async def test_userinfo_about_somebody_else_is_not_mixed_in() -> None:
    async with open_pretend() as counter:
        counter.idp.claims = {"email": None}
        counter.idp.userinfo = {"sub": "somebody-else", "email": "else@body.example"}

        await _expect(FlowReason.SUBJECT_MISMATCH, counter)


async def test_another_issuer_in_the_authorization_response_is_noticed() -> None:
    async with open_pretend() as counter:
        await _expect(FlowReason.ISS_MISMATCH, counter, iss="https://evil.example")

        assert counter.idp.count("/token") == 0


async def test_a_token_response_without_id_token_signs_nobody_in() -> None:
    async with open_pretend() as counter:
        counter.idp.tokens = {"id_token": None}

        await _expect(FlowReason.ID_TOKEN_MISSING, counter)

        assert counter.idp.count("/userinfo") == 0


async def test_a_key_set_of_twenty_megabytes_is_not_read() -> None:
    async with open_pretend() as counter:
        stream = _Stream(20 * 1024 * 1024)
        counter.idp.overrides["/jwks"] = lambda _: httpx.Response(200, stream=stream)

        with pytest.raises(BackendUnavailableError):
            await counter.sign_in()

        assert stream.sent <= MOST_BYTES + stream.CHUNK


class _Stream(httpx.AsyncByteStream):
    """A large body, which counts how much of it was taken."""

    CHUNK = 64 * 1024

    def __init__(self, size: int) -> None:
        self._size = size
        self.sent = 0

    async def __aiter__(self):  # type: ignore[no-untyped-def]  # as the base class has it
        while self.sent < self._size:
            self.sent += self.CHUNK
            yield b" " * self.CHUNK


async def _expect(reason: FlowReason, counter: Counter, **parameters: str) -> None:
    with pytest.raises(FlowRefusedError) as refusal:
        await counter.sign_in(**parameters)
    assert refusal.value.code is reason
