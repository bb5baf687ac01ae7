"""Whose session a request names: nobody's that it merely names, whoever signs out by it."""

from collections.abc import AsyncGenerator

import anyio
import pytest
from anyio.lowlevel import checkpoint

from netscript_auth_better_auth import Mode
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.testing.credentials import with_text_replaced
from netscript_kernel.ids import encode_base64url
from tests.better_auth.subjects import SESSION_COOKIE, Setting, open_setting, request_of
from tests.support.better_auth import BetterAuthServer

pytestmark = pytest.mark.peer

UNKNOWN = Anonymous(AnonymousReason.SESSION_UNKNOWN)


@pytest.fixture
async def by_token(better_auth: BetterAuthServer) -> AsyncGenerator[Setting]:
    async with open_setting(better_auth, Mode.JWT) as setting:
        yield setting


async def _handle(setting: Setting, request: AuthRequest) -> str:
    outcome = await setting.backend.authenticate(request)
    assert isinstance(outcome, Authenticated), outcome
    return outcome.identity.session.handle


def _signed_by_nobody(request: AuthRequest) -> AuthRequest:
    signature = request.headers["authorization"].rpartition(".")[2]
    return with_text_replaced(request, signature, encode_base64url(bytes(64)))


async def test_a_token_whose_signature_was_made_up_names_no_session(by_token: Setting) -> None:
    request = await by_token.bearer()
    handle = await _handle(by_token, request)

    named = by_token.backend.tokens.recognise(_signed_by_nobody(request))

    assert named == UNKNOWN
    assert by_token.backend.tokens.recognise(request) == handle


async def test_before_the_keys_are_at_hand_no_token_names_a_session_and_soon_after_it_does(
    by_token: Setting,
) -> None:
    request = await by_token.bearer()

    with pytest.raises(BackendUnavailableError, match="not at hand yet"):
        by_token.backend.tokens.recognise(request)

    with anyio.fail_after(60):
        while True:
            try:
                named = by_token.backend.tokens.recognise(request)
                break
            except BackendUnavailableError:
                await checkpoint()
    assert named == await _handle(by_token, request)
    assert by_token.backend.tokens.recognise(_signed_by_nobody(request)) == UNKNOWN


async def test_a_token_of_a_key_that_nobody_published_names_no_session(by_token: Setting) -> None:
    request = await by_token.bearer()
    await _handle(by_token, request)
    header = request.headers["authorization"].split()[1].partition(".")[0]
    foreign = encode_base64url(b'{"alg":"EdDSA","kid":"nobodys"}')

    with pytest.raises(BackendUnavailableError, match="not at hand yet"):
        by_token.backend.tokens.recognise(with_text_replaced(request, header, foreign))


async def test_a_cookie_whose_signature_was_made_up_lets_nobody_in(better_auth: BetterAuthServer) -> None:
    """Without the server's secret here: it is asked."""
    async with open_setting(better_auth) as setting:
        person = await setting.people.sign_in()
        request = request_of(person)
        await _handle(setting, request)
        signature = person.cookies[SESSION_COOKIE].partition(".")[2]
        forged = with_text_replaced(request, signature, f"{'A' * 43}%3D")

        assert await setting.backend.authenticate(forged) == UNKNOWN
