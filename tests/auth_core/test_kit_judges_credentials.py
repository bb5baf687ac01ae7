"""The kit judges a credential wherever it stands in a request, and says so where it finds none."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from netscript_auth_core.ports import AuthRequest
from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_auth_core.testing.backend_under_test import SubjectIncompleteError
from netscript_auth_core.testing.credentials import usual_credentials, with_text_replaced
from tests.auth_core import faulty_credentials
from tests.auth_core.cookie_kind import PROXY, cookie_subject
from tests.auth_core.faulty_credentials import CookieFault

KIT = AuthBackendConformance()
REQUEST = AuthRequest(
    ("a-token-of-ours",),
    {"cookie": "theme=dark; acme=a-value-of-theirs", "authorization": "bearer  e30.e30.e30"},
)


class TestCookieBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest]:
        async with cookie_subject() as subject:
            yield subject


@pytest.mark.parametrize("fault", faulty_credentials.FAULTS, ids=str)
async def test_a_fault_is_found(fault: CookieFault) -> None:
    async with cookie_subject(fault.sound, peer_vouches=fault.peer_vouches) as sound:
        await getattr(KIT, fault.rule)(subject=sound)

    async with cookie_subject(fault.broken, peer_vouches=fault.peer_vouches) as broken:
        with pytest.raises(AssertionError) as caught:
            await getattr(KIT, fault.rule)(subject=broken)

    assert not isinstance(caught.value, SubjectIncompleteError)


def test_the_usual_credentials_are_tokens_values_of_cookies_and_what_follows_bearer() -> None:
    found = usual_credentials(REQUEST)

    assert found == {"a-token-of-ours", "a-value-of-theirs", "e30.e30.e30"}  # "dark" can be guessed


def test_a_credential_is_replaced_where_it_stands_and_all_else_stays() -> None:
    changed = with_text_replaced(REQUEST._replace(peer=PROXY), "a-value-of-theirs", "another")

    assert changed == AuthRequest(
        ("a-token-of-ours",),
        {"cookie": "theme=dark; acme=another", "authorization": "bearer  e30.e30.e30"},
        PROXY,
    )


CHANGING = (
    "test_a_credential_that_was_changed_is_nobodys",
    "test_a_changed_credential_names_no_session",
    "test_a_handle_lets_nobody_in",
)


@pytest.mark.parametrize("rule", CHANGING)
@pytest.mark.parametrize("found", [(), ("dark-and-blue",)], ids=["nothing", "what opens nothing"])
async def test_a_request_whose_credential_was_not_found_is_not_passed_over(
    rule: str, found: tuple[str, ...]
) -> None:
    def credentials(_: AuthRequest) -> tuple[str, ...]:
        return found

    async with cookie_subject() as whole:
        subject = replace(whole, credentials=credentials)

        with pytest.raises(SubjectIncompleteError, match="credentials"):
            await getattr(KIT, rule)(subject=subject)


async def test_a_credential_elsewhere_has_to_be_named_unless_the_connection_vouches() -> None:
    request = AuthRequest(headers={"x-acme-session": "a-value-of-theirs"})

    async with cookie_subject() as subject:
        with pytest.raises(SubjectIncompleteError, match="credentials"):
            subject.secrets_of(request)
        assert replace(subject, peer_vouches=True).secrets_of(request) == set()
        assert replace(subject, credentials=_in_its_header).secrets_of(request) == {"a-value-of-theirs"}


def _in_its_header(request: AuthRequest) -> tuple[str, ...]:
    return (request.headers["x-acme-session"],)
