"""Credentials that somebody made up or changed: they let nobody in, and name nobody's session."""

from contextlib import suppress

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_auth_core.testing.backend_under_test import BackendUnderTest, SubjectIncompleteError
from netscript_auth_core.testing.conformance.visits import Visit, visit
from netscript_auth_core.testing.credentials import with_text_replaced

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PLACES = 64
_STRANGER = "192.0.2.1"  # reserved for documentation (RFC 5737), so nobody's


class CredentialRules:
    """Wherever the credential stands in a request, it is changed there, and all else is left as it was."""

    async def test_a_credential_that_was_changed_is_nobodys(self, subject: BackendUnderTest) -> None:
        """In any place, cut short, or in other letters; a session token in no other spelling either."""
        visitor = await visit(subject)

        for request, text in await _credentials(visitor):
            spellings = _spellings(text) if text in request.session_tokens else set[str]()
            for changed in (_changes(text) | spellings) - {text}:
                await _expect_nobody(visitor, with_text_replaced(request, text, changed))

        await visitor.expect_signed_in()

    async def test_a_changed_credential_names_no_session(self, subject: BackendUnderTest) -> None:
        """Whoever signs out by it would end a stranger's session, so it is verified as far as it can be."""
        visitor = await visit(subject)

        for request, text in await _credentials(visitor):
            for changed in _changes(text) - {text}:
                with suppress(BackendUnavailableError):  # the keys at hand do not suffice: it names nobody
                    named = subject.backend.tokens.recognise(with_text_replaced(request, text, changed))
                    assert named != visitor.handle, "a credential that was never issued names a session"

    async def test_a_handle_lets_nobody_in(self, subject: BackendUnderTest) -> None:
        """It is shown in lists and logs, so it is not the credential, in whichever way it is sent."""
        visitor = await visit(subject)
        in_place = [with_text_replaced(*each, visitor.handle) for each in await _credentials(visitor)]

        assert visitor.handle not in subject.secrets_of(visitor.request)
        for request in in_place:
            await _expect_nobody(visitor, request)
        for forged in (
            AuthRequest(session_tokens=(visitor.handle,)),
            AuthRequest(headers={"authorization": f"Bearer {visitor.handle}"}),
        ):
            assert isinstance(await subject.backend.authenticate(forged), Anonymous)

    async def test_from_another_connection_a_request_is_nobodys(self, subject: BackendUnderTest) -> None:
        """Where the connection vouches. Elsewhere a request is good whoever passes it on."""
        if not subject.peer_vouches:
            return
        visitor = await visit(subject)

        for peer in (None, "", _STRANGER):
            request = visitor.request._replace(peer=peer)
            assert isinstance(subject.backend.tokens.recognise(request), Anonymous)
            assert isinstance(await subject.backend.authenticate(request), Anonymous)

        await visitor.expect_signed_in()


async def _credentials(visitor: Visit) -> list[tuple[AuthRequest, str]]:
    """Return each secret that opens the session, with a request in which nothing opens it without that one.

    A browser sends more than credentials, such as a preference or an upstream's cache. What is one shows by
    taking away: first all others, for one that is enough by itself, then none, for parts of a whole.

    Raises:
        SubjectIncompleteError: the session is open without any of them.
    """
    texts, found = visitor.subject.credentials(visitor.request), list[tuple[AuthRequest, str]]()
    for text in texts:
        alone = _emptied(visitor.request, *(each for each in texts if each != text))
        for request in (alone, visitor.request):
            if await _opens(visitor, request) and not await _opens(visitor, _emptied(request, text)):
                found.append((request, text))
                break
    if not found and not visitor.subject.peer_vouches:
        why = "nothing that was found in the request is needed to be let in: say what is"
        raise SubjectIncompleteError("credentials", why)
    return found


def _emptied(request: AuthRequest, *texts: str) -> AuthRequest:
    for text in texts:
        request = with_text_replaced(request, text, "")
    return request


async def _opens(visitor: Visit, request: AuthRequest) -> bool:
    outcome = await visitor.subject.backend.authenticate(request)
    return isinstance(outcome, Authenticated) and outcome.identity.session.handle == visitor.handle


async def _expect_nobody(visitor: Visit, request: AuthRequest) -> None:
    outcome = await visitor.subject.backend.authenticate(request)
    if visitor.subject.peer_vouches and isinstance(outcome, Authenticated):
        assert outcome.identity.session.handle != visitor.handle, "two cookies are the same session"
        return
    assert not isinstance(outcome, Authenticated), "a credential that was never issued lets somebody in"


def _changes(text: str) -> set[str]:
    """Return what a credential is not any more, whatever it is made of.

    One character at a time is changed by its highest bit, since the lower bits of the last one may mean
    nothing in base64, and the padding behind it never does. For the same reason an end is cut by four.
    """
    body = text.rstrip("=")
    places = {*range(0, len(body), max(1, len(body) // _PLACES)), len(body) - 1}
    by_character = {text[:at] + _other(text[at]) + text[at + 1 :] for at in places}
    return {*by_character, text[:-4], text[4:], text.swapcase()}


def _other(character: str) -> str:
    if character not in _ALPHABET:
        return "A"
    return _ALPHABET[(_ALPHABET.index(character) + 32) % 64]


def _spellings(token: str) -> set[str]:
    """Return what arrives of our own cookie only if somebody tampered with it: it is ours to the letter.

    An upstream's may come quoted or padded, by whatever its libraries do; that gives nothing to a stranger.
    """
    return {token[:-1], token[1:], token * 2, f'"{token}"', f"{token}=", f" {token}", f"{token}\n"}
