"""What a request carries, and what it proves."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.visits import visit

# The subject is asked, never changed, so examples may share it; and a rule is inherited by many classes.
SHARED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
ODD = {
    "empty": "",
    "blank": " ",
    "a percent sign": "%",
    "a bad escape": "%ZZ",
    "a quote": '"',
    "quotes": '""',
    "NUL": "\0",
    "a header": "\r\nSet-Cookie: a=b",
    "a word": "null",
    "not ASCII": "é",
    "half a character": "\ud800",
    "256 zero bits": "A" * 43,
    "like a JWT": "e30.e30.e30",
    "100 kB": "x" * 100_000,
}
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PLACES = 64


class TokenRules:
    """A credential is good as it was issued, and in no other form."""

    async def test_a_request_without_a_credential_is_nobodys(self, subject: BackendUnderTest) -> None:
        """That is a value with a reason."""
        request = AuthRequest()

        assert subject.backend.tokens.recognise(request) == Anonymous(AnonymousReason.NO_SESSION)
        assert await subject.backend.authenticate(request) == Anonymous(AnonymousReason.NO_SESSION)

    async def test_a_credential_leads_to_its_session(self, subject: BackendUnderTest) -> None:
        """Without a look at the session."""
        visitor = await visit(subject)

        assert subject.backend.tokens.recognise(visitor.request) == visitor.handle

    @pytest.mark.parametrize("second", ["the same", "another one's", "rubbish first", "rubbish last"])
    async def test_two_cookies_are_nobodys(self, subject: BackendUnderTest, second: str) -> None:
        """Who set which cannot be told, so neither counts: a neighbouring host can plant a cookie."""
        own = (await visit(subject, "alice")).request.session_tokens or ("A" * 43,)
        foreign = (await visit(subject, "bob")).request.session_tokens or ("B" * 43,)
        both = {
            "the same": own + own,
            "another one's": own + foreign,
            "rubbish first": ("%", *own),
            "rubbish last": (*own, ""),
        }
        request = AuthRequest(session_tokens=both[second])

        assert subject.backend.tokens.recognise(request) == Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        assert await subject.backend.authenticate(request) == Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)

    @pytest.mark.parametrize("odd", ODD)
    async def test_odd_text_is_nobodys(self, subject: BackendUnderTest, odd: str) -> None:
        """It is a value, and no error."""
        assert isinstance(await subject.backend.authenticate(AuthRequest((ODD[odd],))), Anonymous)

    @SHARED
    @given(tokens=st.lists(ANY_TEXT, max_size=3))
    async def test_any_text_is_nobodys(self, subject: BackendUnderTest, tokens: list[str]) -> None:
        """Whatever arrives in cookies, however many."""
        request = AuthRequest(session_tokens=tuple(tokens))

        assert isinstance(subject.backend.tokens.recognise(request), (str, Anonymous))
        assert isinstance(await subject.backend.authenticate(request), Anonymous)

    @SHARED
    @given(value=ANY_TEXT, name=st.sampled_from(["authorization", "cookie", "x-session", "x-forwarded-user"]))
    async def test_any_text_in_a_header_is_nobodys(
        self, subject: BackendUnderTest, name: str, value: str
    ) -> None:
        """Also where the backend reads credentials of its own."""
        assert isinstance(await subject.backend.authenticate(AuthRequest(headers={name: value})), Anonymous)

    async def test_a_token_that_was_changed_is_nobodys(self, subject: BackendUnderTest) -> None:
        """In any place; cut short, doubled, quoted, padded or in other letters."""
        visitor = await visit(subject)
        for token in visitor.request.session_tokens:
            shapes = (token[:-1], token[1:], token * 2, f'"{token}"', f"{token}=", f" {token}", f"{token}\n")
            for changed in {*_changed(token), *shapes, token.swapcase()}:
                assert not await _lets_in(subject, changed), "a token that was never issued lets somebody in"
        await visitor.expect_signed_in()

    async def test_a_handle_lets_nobody_in(self, subject: BackendUnderTest) -> None:
        """It is shown in lists and logs, so it is not the token, in whichever way it is sent."""
        visitor = await visit(subject)
        forged = (
            AuthRequest(session_tokens=(visitor.handle,)),
            AuthRequest(headers={"authorization": f"Bearer {visitor.handle}"}),
        )

        assert visitor.handle not in visitor.request.session_tokens
        for request in forged:
            assert isinstance(await subject.backend.authenticate(request), Anonymous)

    async def test_a_session_cookie_is_no_header(self, subject: BackendUnderTest) -> None:
        """A token of our cookie is heard nowhere else."""
        visitor = await visit(subject)

        for name in ("authorization", "x-session-token", "x-forwarded-user"):
            for token in visitor.request.session_tokens:
                request = AuthRequest(headers={name: token})
                assert isinstance(await subject.backend.authenticate(request), Anonymous)


def _changed(token: str) -> set[str]:
    """Change one character at a time, by its highest bit: the last one's lower bits may mean nothing."""
    places = range(0, len(token), max(1, len(token) // _PLACES))
    return {token[:at] + _other(token[at]) + token[at + 1 :] for at in places}


def _other(character: str) -> str:
    if character not in _ALPHABET:
        return "A"
    return _ALPHABET[(_ALPHABET.index(character) + 32) % 64]


async def _lets_in(subject: BackendUnderTest, token: str) -> bool:
    outcome = await subject.backend.authenticate(AuthRequest((token,)))
    return isinstance(outcome, Authenticated)
