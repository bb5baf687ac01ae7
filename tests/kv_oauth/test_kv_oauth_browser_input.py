"""What a browser may send, found by trying: cookies, callback parameters, session tokens."""

import contextlib
import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.flows.authorization_response import MOST_CHARACTERS, read_response
from netscript_auth_core.flows.flow_cookies import FlowCookies
from netscript_auth_core.flows.transactions import LIFETIME, FlowSecrets, Transactions, flow_id
from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.sessions.tokens import SessionTokens
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.ids import decode_base64url, digest, encode_base64url, new_token
from netscript_kernel.kv.memory import MemoryKvStore
from tests.kv_oauth.pretend import KEYS

ANY_TEXT = st.text(st.characters(exclude_categories=()))
NAMES = st.sampled_from(["state", "code", "error", "iss", "error_description", "error_uri", "hd"])
COOKIES = FlowCookies(KEYS, SettableClock(), LIFETIME)
COOKIE = COOKIES.issue("flow", "binding", "oidc", "https://idp.example").value
TOKENS = SessionTokens()


@given(st.lists(st.tuples(NAMES | ANY_TEXT, ANY_TEXT), max_size=6))
def test_any_parameters_are_a_response_or_a_refusal(parameters: list[tuple[str, str]]) -> None:
    try:
        response = read_response(parameters)
    except FlowRefusedError:
        return
    assert ("state", response.state) in parameters
    assert (response.code is None) is not (response.error is None)


@pytest.mark.parametrize("name", ["state", "code", "iss"])
@pytest.mark.parametrize("bad", ["", "x" * (MOST_CHARACTERS + 1), "a\nb", "a\0", "\x7f", "\u00e9", "\ud800"])
def test_a_parameter_that_none_may_be_is_refused(name: str, bad: str) -> None:
    good = {"state": "a", "code": "b", "iss": "https://idp.example"}

    assert read_response(list(good.items())).code == "b"
    with pytest.raises(FlowRefusedError):
        read_response(list((good | {name: bad}).items()))


@pytest.mark.parametrize("name", ["state", "code", "error", "iss", "error_description", "error_uri"])
def test_a_parameter_of_the_protocol_comes_once(name: str) -> None:
    with pytest.raises(FlowRefusedError):
        read_response([("state", "a"), ("code", "b"), (name, "c"), (name, "c")])


@given(ANY_TEXT)
def test_any_text_is_no_flow_cookie(value: str) -> None:
    assert COOKIES.read(value) is None


@given(
    st.integers(0, len(COOKIE) - 1), st.sampled_from(string.ascii_letters + string.digits + "-_.=%\0\u00e9")
)
def test_a_flow_cookie_with_another_character_is_none(at: int, character: str) -> None:
    changed = COOKIE[:at] + character + COOKIE[at + 1 :]

    ticket = COOKIES.read(changed)

    assert (ticket is None) == (changed != COOKIE)


@given(st.text(string.ascii_letters + string.digits + "-_.=+/ \n", min_size=1, max_size=4), st.integers(0))
def test_a_flow_cookie_with_more_in_it_is_none(more: str, at: int) -> None:
    place = at % (len(COOKIE) + 1)

    assert COOKIES.read(COOKIE[:place] + more + COOKIE[place:]) is None


def test_a_flow_cookie_says_what_it_was_given_and_shows_no_secret() -> None:
    ticket = COOKIES.read(COOKIE)

    assert ticket is not None
    assert (ticket.flow_id, ticket.binding, ticket.provider_id) == ("flow", "binding", "oidc")
    assert "binding" not in repr(ticket)


def test_a_value_signed_for_something_else_is_no_flow_cookie() -> None:
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    signing = URLSafeTimedSerializer(
        KEYS.signing_keys("flow-cookie"), salt=b"netscript.auth.flow", signer_kwargs=how
    )
    assert COOKIES.read(str(signing.dumps(["flow", "binding", "oidc", "https://idp.example"])))

    for payload in ("text", 7, ["too", "few"], {"a": 1}, [1, 2, 3, 4]):
        assert COOKIES.read(str(signing.dumps(payload))) is None


@given(st.lists(ANY_TEXT, max_size=3))
def test_any_cookies_are_a_handle_or_a_reason(tokens: list[str]) -> None:
    found = TOKENS.recognise(AuthRequest(tuple(tokens)))

    if isinstance(found, Anonymous):
        expected = (AnonymousReason.NO_SESSION, AnonymousReason.COOKIE_MALFORMED)[min(len(tokens), 1)]
        assert found.reason is (expected if len(tokens) < 2 else AnonymousReason.COOKIE_AMBIGUOUS)


@given(st.text(string.ascii_letters + string.digits + "-_+/=.% ", min_size=42, max_size=44))
def test_a_token_is_43_characters_of_base64url_and_nothing_else(token: str) -> None:
    found = TOKENS.recognise(AuthRequest((token,)))

    is_token = len(token) == 43 and set(token) <= set(string.ascii_letters + string.digits + "-_")
    assert isinstance(found, str) is is_token


@pytest.mark.parametrize("sealed", ["", "A", "!", "\u00e9", "A" * 30, "A" * 43, "\ud800"])
def test_what_was_never_sealed_for_a_flow_is_unreadable_or_not_ours(sealed: str) -> None:
    transactions = Transactions(MemoryKvStore(SettableClock()), KEYS, SettableClock())

    with contextlib.suppress(StoreCorruptError):
        assert transactions.open("state", sealed) is None


@given(st.binary(max_size=60))
def test_a_secret_of_another_form_than_a_flows_is_none_of_a_flow(plain: bytes) -> None:
    transactions = Transactions(MemoryKvStore(SettableClock()), KEYS, SettableClock())
    key = f"auth/flow/{digest('flow', 'state')}"
    sealed = encode_base64url(KEYS.seal(plain, purpose="auth/flow", record_id=key))

    with pytest.raises(StoreCorruptError) as corrupt:
        transactions.open("state", sealed)

    assert str(corrupt.value) == "stored flow record: has no secrets that can be read"


def test_the_secrets_of_a_flow_open_for_its_own_state_alone() -> None:
    transactions = Transactions(MemoryKvStore(SettableClock()), KEYS, SettableClock())
    secrets = FlowSecrets(verifier="v" * 43, nonce="n" * 43)
    sealed = transactions.seal("state", secrets)

    assert transactions.open("state", sealed) == secrets
    assert transactions.open("another state", sealed) is None
    assert transactions.open("state", encode_base64url(decode_base64url(sealed)[:-1])) is None


def test_a_handle_is_not_the_token_and_differs_for_each() -> None:
    token, other = new_token(), new_token()

    handles = {str(TOKENS.recognise(AuthRequest((each,)))) for each in (token, other)}

    assert len(handles) == 2
    assert handles & {token, other} == set()


def test_the_id_of_a_flow_fits_into_a_cookies_name() -> None:
    assert len(flow_id(new_token())) == 16
