"""Every preset, at a pretend provider that answers as the real one documents it."""

from contextlib import AbstractAsyncContextManager
from copy import deepcopy
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from netscript_auth_core.errors import (
    AuthError,
    BackendUnavailableError,
    FlowRefusedError,
    ProviderProtocolError,
    SessionEndedError,
)
from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth import create_kv_oauth_backend
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from netscript_auth_kv_oauth.presets.files import get_preset, preset_ids
from netscript_auth_kv_oauth.presets.profile import EmailTrust
from netscript_auth_kv_oauth.presets.protocol import ClientAuth, ClientSecret, Nonce, Pkce, RefreshTokens
from netscript_auth_kv_oauth.provider.provider_http import MOST_BYTES
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.json_documents import find, is_object
from tests.kv_oauth.preset_peers import (
    ANSWERS,
    Documented,
    Visited,
    changed,
    config_of,
    documented,
    open_preset,
)
from tests.kv_oauth.pretend import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI

PRESETS = preset_ids()
PLAIN = tuple(each for each in PRESETS if not get_preset(each).is_openid)
ASKED = tuple(each for each in PLAIN if get_preset(each).userinfo.source == "endpoint")
WITHOUT_REFRESH = tuple(each for each in PRESETS if get_preset(each).offline.given is RefreshTokens.NEVER)
REFRESHED = tuple(each for each in ASKED if each not in WITHOUT_REFRESH)
# What does not differ from provider to provider is tried in all its forms at one of them.
GENERIC = "oauth2"
SENT = {False: "application/x-www-form-urlencoded", True: "application/json"}
OF_EVERY_REQUEST = frozenset({"response_type", "client_id", "redirect_uri", "state"})
OF_PKCE = frozenset({"code_challenge", "code_challenge_method"})

NOBODY: tuple[object, ...] = ("", " ", True, 1.5, 0, -1, "x" * 256, ["1"], {"id": "1"}, "\u00e9")
NO_PERSON: dict[str, tuple[httpx.Response, type[AuthError]]] = {
    "401": (httpx.Response(401, json={"error": "invalid_token"}), FlowRefusedError),
    "403": (httpx.Response(403, json={"message": "Forbidden"}), FlowRefusedError),
    "429": (httpx.Response(429), BackendUnavailableError),
    "500": (httpx.Response(500), BackendUnavailableError),
    "HTML": (httpx.Response(200, html="<h1>hello</h1>"), ProviderProtocolError),
    "an array": (httpx.Response(200, json=[{"id": 1}]), ProviderProtocolError),
    "a redirect": (httpx.Response(302, headers={"location": "https://evil.example/"}), ProviderProtocolError),
    "no end": (httpx.Response(200, content=b"{}" + b" " * MOST_BYTES), ProviderProtocolError),
}


def test_every_preset_has_documented_answers_and_nothing_else_has() -> None:
    assert tuple(sorted(file.stem for file in ANSWERS.glob("*.json"))) == PRESETS


@pytest.mark.parametrize("preset_id", PRESETS)
async def test_a_sign_in_begins_as_the_provider_wants_it(preset_id: str) -> None:
    async with open_preset(preset_id) as visited:
        query = _query((await visited.start()).redirect_url)

    assert query.keys() >= _of_the_standards(preset_id)
    assert _own(preset_id, query) == visited.answers.authorize
    assert (query["client_id"], query["redirect_uri"]) == (CLIENT_ID, REDIRECT_URI)


@pytest.mark.parametrize("preset_id", [each for each in PRESETS if each not in WITHOUT_REFRESH])
async def test_a_refresh_token_is_asked_for_as_the_provider_wants_it(preset_id: str) -> None:
    config = config_of(preset_id, scopes=[*get_preset(preset_id).scopes, "offline_access"])

    async with open_preset(preset_id, config) as visited:
        query = _query((await visited.start()).redirect_url)

    assert _own(preset_id, query) == visited.answers.offline


@pytest.mark.parametrize("preset_id", WITHOUT_REFRESH)
def test_a_provider_that_gives_no_refresh_token_is_not_asked_for_one(preset_id: str) -> None:
    config = config_of(preset_id, scopes=[*get_preset(preset_id).scopes, "offline_access"])

    with pytest.raises(ConfigurationError, match="gives no refresh tokens"):
        create_kv_oauth_backend(config)

    assert documented(preset_id).offline is None


@pytest.mark.parametrize("preset_id", PRESETS)
async def test_the_person_is_who_the_documented_answers_say(preset_id: str) -> None:
    async with open_preset(preset_id) as visited:
        issued = (await visited.sign_in(**visited.answers.callback)).issued

    known, preset = visited.answers.identity, get_preset(preset_id)
    (account,) = issued.user.accounts
    assert (account.issuer, account.subject) == (known.issuer or visited.config.issuer, known.subject)
    assert (issued.user.email, issued.user.email_verified) == (known.email, known.email_verified)
    assert (issued.user.name, issued.user.picture) == (known.name, known.picture)
    if visited.answers.scopes is not None:
        assert list(issued.session.scopes) == visited.answers.scopes
    assert preset.display_name


@pytest.mark.parametrize("preset_id", PRESETS)
async def test_an_address_counts_as_verified_only_where_the_provider_says_so(preset_id: str) -> None:
    answers, preset = documented(preset_id), get_preset(preset_id)
    if preset.profile.email_trust is EmailTrust.CLAIM and answers.identity.email is not None:
        assert answers.unverified is not None, "show how an address that is not proven looks"
    answers = changed(answers, answers.unverified or {})

    async with open_preset(preset_id, answers=answers) as visited:
        user = (await visited.sign_in(**answers.callback)).issued.user

    is_always = preset.profile.email_trust is EmailTrust.ALWAYS
    assert user.email == answers.identity.email
    assert user.email_verified is (is_always and user.email is not None)


@pytest.mark.parametrize(
    ("preset_id", "subject"),
    [
        *((each, None) for each in PLAIN),
        *(
            (GENERIC, each)
            for each in ["", " ", True, 1.5, 0, -1, 2**64, "x" * 256, ["1"], {"id": "1"}, "\u00e9"]
        ),
    ],
)
async def test_an_answer_that_names_nobody_signs_nobody_in(preset_id: str, subject: object) -> None:
    answers = _with_subject(preset_id, subject)

    async with open_preset(preset_id, answers=answers) as visited:
        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in(**answers.callback)

    assert refusal.value.code is FlowReason.SUBJECT_INVALID


@pytest.mark.parametrize(("subject", "kept"), [(1, "1"), (2**64 - 1, str(2**64 - 1)), ("007", "007")])
async def test_a_number_is_its_digits_and_a_text_is_itself(subject: object, kept: str) -> None:
    answers = _with_subject(GENERIC, subject)

    async with open_preset(GENERIC, answers=answers) as visited:
        issued = (await visited.sign_in(**answers.callback)).issued

    assert [account.subject for account in issued.user.accounts] == [kept]


@pytest.mark.parametrize(
    ("preset_id", "case"),
    [*((GENERIC, case) for case in NO_PERSON), *((each, case) for each in ASKED for case in ("401", "500"))],
)
async def test_a_provider_that_does_not_say_who_it_is_signs_nobody_in(preset_id: str, case: str) -> None:
    answer, expected = NO_PERSON[case]
    async with open_preset(preset_id) as visited:
        visited.idp.overrides["/userinfo"] = lambda _: answer

        with pytest.raises(expected) as caught:
            await visited.sign_in(**visited.answers.callback)

    if isinstance(caught.value, FlowRefusedError):
        assert caught.value.code is FlowReason.USERINFO_REFUSED


@pytest.mark.parametrize("preset_id", PRESETS)
@pytest.mark.parametrize("status", [200, 400])
async def test_an_error_is_no_token_whatever_its_status(preset_id: str, status: int) -> None:
    async with open_preset(preset_id) as visited:
        visited.idp.overrides["/token"] = lambda _: httpx.Response(
            status, json={"ok": False, "error": "invalid_grant", "access_token": "a-token"}
        )

        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in(**visited.answers.callback)

    assert refusal.value.code is FlowReason.CODE_REFUSED
    assert visited.idp.count("/userinfo") == 0


@pytest.mark.parametrize("preset_id", PRESETS)
async def test_the_code_is_redeemed_with_our_registration_and_our_proof(preset_id: str) -> None:
    async with open_preset(preset_id) as visited:
        await visited.sign_in(**visited.answers.callback)

    preset = get_preset(preset_id)
    (form,) = visited.idp.forms("/token")
    (request,) = [each for each in visited.idp.requests if visited.idp.path_of(each) == "/token"]
    is_made = preset.client_secret is ClientSecret.ES256_JWT
    assert (form["code"], form["redirect_uri"]) == ("a-code", REDIRECT_URI)
    assert ("code_verifier" in form) is (preset.pkce is Pkce.S256)
    assert request.headers["content-type"] == SENT[preset.sends_json]
    if preset.client_auth is ClientAuth.POST:
        assert form["client_id"] == CLIENT_ID
        assert (form["client_secret"] == CLIENT_SECRET) is not is_made
        assert "authorization" not in request.headers
    else:
        assert request.headers["authorization"].startswith("Basic ")
        assert "client_secret" not in form


@pytest.mark.parametrize("preset_id", PRESETS)
@pytest.mark.parametrize("iss", ["https://evil.example", "https://login.acme.example.evil", ""])
async def test_an_answer_of_another_issuer_is_refused_before_the_token_request(
    preset_id: str, iss: str
) -> None:
    async with open_preset(preset_id) as visited:
        with pytest.raises(FlowRefusedError):
            await visited.sign_in(**{**visited.answers.callback, "iss": iss})

    assert visited.idp.count("/token") == 0


@pytest.mark.parametrize("preset_id", REFRESHED)
async def test_a_refresh_that_speaks_of_somebody_else_ends_the_session(preset_id: str) -> None:
    async with _refreshable(preset_id) as visited:
        issued = (await visited.sign_in(**visited.answers.callback)).issued
        visited.idp.userinfo = _with_subject(preset_id, "somebody-else").userinfo

        with pytest.raises(SessionEndedError):
            await visited.backend.sessions.refresh(issued.session.handle)

        assert isinstance(await visited.backend.authenticate(AuthRequest((issued.token,))), Anonymous)


@pytest.mark.parametrize("preset_id", REFRESHED)
async def test_a_refresh_keeps_the_tokens_where_the_person_cannot_be_asked_for(preset_id: str) -> None:
    async with _refreshable(preset_id) as visited:
        issued = (await visited.sign_in(**visited.answers.callback)).issued
        visited.idp.overrides["/userinfo"] = lambda _: httpx.Response(503)
        visited.idp.tokens = {**visited.idp.tokens, "refresh_token": "the-second"}

        await visited.backend.sessions.refresh(issued.session.handle)
        visited.idp.overrides.clear()
        visited.clock.advance(LEASE)
        await visited.backend.sessions.refresh(issued.session.handle)

    refreshes = [form for form in visited.idp.forms("/token") if form["grant_type"] == "refresh_token"]
    assert [form["refresh_token"] for form in refreshes] == ["the-first", "the-second"]


def _of_the_standards(preset_id: str) -> set[str]:
    preset = get_preset(preset_id)
    pkce = OF_PKCE if preset.pkce is Pkce.S256 else ()
    nonce = () if preset.nonce_rule is Nonce.NOT_SENT else ("nonce",)
    return {*OF_EVERY_REQUEST, *pkce, *nonce}


def _own(preset_id: str, query: dict[str, str]) -> dict[str, str]:
    """Return the parameters that are this provider's own."""
    return {name: value for name, value in query.items() if name not in _of_the_standards(preset_id)}


def _refreshable(preset_id: str) -> AbstractAsyncContextManager[Visited]:
    answers = documented(preset_id)
    tokens = {**answers.tokens, "refresh_token": "the-first"}
    return open_preset(preset_id, answers=answers.model_copy(update={"tokens": tokens}))


def _with_subject(preset_id: str, subject: object) -> Documented:
    """Return a provider's answers with another subject in them; ``None`` leaves it out."""
    answers, preset = documented(preset_id), get_preset(preset_id)
    source = "userinfo" if preset.userinfo.source == "endpoint" else "tokens"
    document = deepcopy(getattr(answers, source))
    person = find(document, preset.userinfo.root)
    path = config_of(preset_id).filled(preset.profile.subject)
    *steps, last = path.split(".")
    place = find(person, ".".join(steps) or None)
    assert is_object(place)
    place.pop(last)
    if subject is not None:
        place[last] = subject
    return answers.model_copy(update={source: document})


def _query(url: str) -> dict[str, str]:
    parameters = parse_qs(urlsplit(url).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in parameters.values())
    return {name: values[0] for name, values in parameters.items()}
