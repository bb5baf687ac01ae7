"""What a request carries, and what it proves."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.visits import visit

# The subject is asked, never changed, so examples may share it; and a rule is inherited by many classes.
SHARED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
MALFORMED = {
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


class TokenRules:
    """A good credential leads to its session, and everything else is a value: nobody, and why."""

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
        """Who set which is not known, so neither counts: a neighbouring host can plant a cookie."""
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

    @pytest.mark.parametrize("text", MALFORMED)
    async def test_malformed_text_is_nobodys(self, subject: BackendUnderTest, text: str) -> None:
        """It is a value, and no error."""
        assert isinstance(await subject.backend.authenticate(AuthRequest((MALFORMED[text],))), Anonymous)

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

    async def test_a_session_cookie_is_no_header(self, subject: BackendUnderTest) -> None:
        """A token of our cookie is heard nowhere else."""
        visitor = await visit(subject)

        for name in ("authorization", "x-session-token", "x-forwarded-user"):
            for token in visitor.request.session_tokens:
                request = AuthRequest(headers={name: token})
                assert isinstance(await subject.backend.authenticate(request), Anonymous)
