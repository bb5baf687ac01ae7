"""Sessions of a real better-auth server: read, renewed, listed and ended through its API."""

import logging
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import pytest

from netscript_auth_better_auth import BetterAuthSettings
from netscript_auth_better_auth.remote import sessions
from netscript_auth_core.domain import SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Denied, Identity
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from tests.better_auth.subjects import Setting, open_setting, request_of
from tests.support.better_auth import BetterAuthServer

pytestmark = pytest.mark.peer

DAY = timedelta(days=1)


@pytest.fixture
async def setting(better_auth: BetterAuthServer) -> AsyncGenerator[Setting]:
    async with open_setting(better_auth) as setting:
        yield setting


@pytest.fixture
async def signing(better_auth: BetterAuthServer) -> AsyncGenerator[Setting]:
    """A backend that knows what the server signs with."""
    async with open_setting(better_auth, secret=better_auth.secret) as setting:
        yield setting


async def _identity(setting: Setting, request: AuthRequest) -> Identity:
    outcome = await setting.backend.authenticate(request)
    assert isinstance(outcome, Authenticated), outcome
    return outcome.identity


async def _is_signed_in_there(setting: Setting, request: AuthRequest) -> bool:
    answer = await setting.people.ask("GET", "/api/auth/get-session", headers=request.headers)
    return answer.json() is not None


def _asked(setting: Setting) -> Counter[str]:
    return Counter(request.url.path.rpartition("/")[2] for request in setting.wire.requests)


async def test_who_signed_in_there_is_known_here(setting: Setting) -> None:
    person = await setting.people.sign_in("alice")

    identity = await _identity(setting, request_of(person))

    account = identity.user.accounts[0]
    assert (account.issuer, account.subject) == (setting.server.url, person.user_id)
    assert identity.user.name == "Alice"
    assert identity.user.email == setting.people.address_of("alice")
    assert identity.user.email_verified is False
    assert identity.session.provider_id == "better-auth"


@pytest.mark.parametrize(
    ("form", "knows_secret"), [("bare", False), ("signed", False), ("signed", True), ("escaped", True)]
)
async def test_a_bearer_token_is_the_session_of_its_cookie(
    better_auth: BetterAuthServer, form: str, *, knows_secret: bool
) -> None:
    async with open_setting(better_auth, secret=better_auth.secret if knows_secret else None) as setting:
        person = await setting.people.sign_in()
        by_cookie = await _identity(setting, request_of(person))
        value = person.cookies["better-auth.session_token"]
        sent = {"bare": person.token, "escaped": value, "signed": value.replace("%3D", "=")}[form]

        by_token = await _identity(setting, AuthRequest(headers={"authorization": f"Bearer {sent}"}))

        assert by_token.session.handle == by_cookie.session.handle
        assert person.token not in by_token.session.handle


async def test_a_session_in_use_is_prolonged_and_the_browser_gets_the_cookie(setting: Setting) -> None:
    request = await setting.request()
    before = await setting.backend.authenticate(request)
    assert isinstance(before, Authenticated)
    setting.clock.advance(2 * DAY)

    after = await setting.backend.authenticate(request)

    assert isinstance(after, Authenticated)
    assert after.identity.session.idle_expires_at == before.identity.session.idle_expires_at + 2 * DAY
    assert before.cookies == ()
    assert [line.partition("=")[0] for line in after.cookies] == ["better-auth.session_token"]
    assert "Max-Age=604800" in after.cookies[0]


async def test_a_program_with_a_token_is_left_no_cookie(setting: Setting) -> None:
    person = await setting.people.sign_in()
    setting.clock.advance(2 * DAY)

    outcome = await setting.backend.authenticate(
        AuthRequest(headers={"authorization": f"Bearer {person.token}"})
    )

    assert isinstance(outcome, Authenticated)
    assert outcome.cookies == ()


async def test_nobody_is_remembered_who_did_not_want_to_be(setting: Setting) -> None:
    await setting.people.sign_in()
    person = await setting.people.sign_in(rememberMe=False)
    request = request_of(person)
    first = await _identity(setting, request)
    setting.clock.advance(timedelta(hours=12))

    outcome = await setting.backend.authenticate(request)

    assert "better-auth.dont_remember" in person.cookies
    assert isinstance(outcome, Authenticated)
    assert outcome.cookies == ()
    assert outcome.identity.session.idle_expires_at == first.session.idle_expires_at


async def test_a_copied_cookie_is_worth_nothing_after_a_sign_out_there(setting: Setting) -> None:
    person = await setting.people.sign_in()
    request = request_of(person)
    await _identity(setting, request)

    headers = {"cookie": person.cookie_header, "origin": setting.server.url}
    await setting.people.ask("POST", "/api/auth/sign-out", {}, headers)

    # Its own cookie cache would let the thief in for five minutes more: it is in the request.
    assert "better-auth.session_data" in person.cookies
    assert await _is_signed_in_there(setting, request)
    outcome = await setting.backend.authenticate(request)
    assert outcome == Anonymous(AnonymousReason.SESSION_UNKNOWN)
    assert isinstance(outcome, Anonymous)
    assert {line.partition("=")[0] for line in outcome.cookies} == {
        "better-auth.session_token",
        "better-auth.session_data",
        "better-auth.dont_remember",
    }


async def test_a_session_that_ended_there_is_not_active_here(setting: Setting) -> None:
    person = await setting.people.sign_in()
    identity = await _identity(setting, request_of(person))
    await setting.people.act("end", token=person.token)

    session = await setting.backend.sessions.get(identity.session.handle)

    assert session is not None
    assert session.state is SessionState.REVOKED
    assert list(await setting.backend.sessions.list_for_user(identity.user.id)) == []
    assert await setting.backend.sessions.revoke(identity.session.handle) is False


async def test_a_session_that_is_ended_here_has_ended_there(setting: Setting) -> None:
    request = await setting.request()
    identity = await _identity(setting, request)

    assert await setting.backend.sessions.revoke(identity.session.handle) is True

    bare = {"cookie": request.headers["cookie"].partition("; better-auth.session_data")[0]}
    assert not await _is_signed_in_there(setting, AuthRequest(headers=bare))


async def test_a_session_that_was_never_here_is_ended_with_all_others(setting: Setting) -> None:
    here, elsewhere = await setting.request(), await setting.people.sign_in()
    identity = await _identity(setting, here)

    assert await setting.backend.sessions.revoke_all_for_user(identity.user.id) == 1

    assert await setting.people.tokens_of(elsewhere.user_id) == []


async def test_the_one_that_is_kept_is_the_only_one_left_there(setting: Setting) -> None:
    here, other, elsewhere = [await setting.people.sign_in() for _ in range(3)]
    identity = await _identity(setting, request_of(here))
    await _identity(setting, request_of(other))
    keep = identity.session.handle

    assert await setting.backend.sessions.revoke_all_for_user(identity.user.id, keep=keep) == 1

    assert await setting.people.tokens_of(elsewhere.user_id) == [here.token]


async def test_with_the_secret_sessions_that_were_never_here_are_listed_and_ended(signing: Setting) -> None:
    here, elsewhere = await signing.people.sign_in(), await signing.people.sign_in()
    identity = await _identity(signing, request_of(here))

    listed = await signing.backend.sessions.list_for_user(identity.user.id)
    others = [each for each in listed if each.handle != identity.session.handle]
    ended = await signing.backend.sessions.revoke(others[0].handle)

    assert len(listed) == 2
    assert ended is True
    assert await signing.people.tokens_of(elsewhere.user_id) == [here.token]


async def test_a_list_asks_session_by_session_where_the_server_wants_a_fresh_one(signing: Setting) -> None:
    here, there, ended = [await signing.people.sign_in() for _ in range(3)]
    identity = await _identity(signing, request_of(here))
    for each in (there, ended):
        await _identity(signing, request_of(each))
    await signing.people.act("end", token=ended.token)
    signing.clock.advance(2 * DAY)  # its freshAge is one day

    listed = await signing.backend.sessions.list_for_user(identity.user.id)

    assert len(listed) == 2


async def _sign_in_often(setting: Setting, times: int) -> tuple[str, str]:
    """Sign one person in, and return their user id and the handle of the newest session."""
    identities = [await _identity(setting, request_of(await setting.people.sign_in())) for _ in range(times)]
    setting.wire.requests.clear()
    return identities[-1].user.id, identities[-1].session.handle


async def test_a_list_asks_the_server_once_however_many_sessions_there_are(setting: Setting) -> None:
    user_id, _ = await _sign_in_often(setting, 12)

    listed = await setting.backend.sessions.list_for_user(user_id)

    assert len(listed) == 12
    assert _asked(setting) == {"get-session": 1, "list-sessions": 1}


async def test_a_list_of_sessions_that_are_not_fresh_asks_about_each_once(setting: Setting) -> None:
    user_id, _ = await _sign_in_often(setting, 12)
    setting.clock.advance(2 * DAY)

    listed = await setting.backend.sessions.list_for_user(user_id)

    assert len(listed) == 12
    assert _asked(setting) == {"get-session": 12, "list-sessions": 1}


async def test_of_very_many_sessions_that_are_not_fresh_the_older_are_listed_as_they_were_known(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_LOOKED_AT", 9)
    user_id, _ = await _sign_in_often(setting, 12)
    setting.clock.advance(2 * DAY)

    listed = await setting.backend.sessions.list_for_user(user_id)

    assert len(listed) == 12
    assert _asked(setting) == {"get-session": 9, "list-sessions": 1}


async def test_all_sessions_are_ended_by_one_request(setting: Setting) -> None:
    user_id, _ = await _sign_in_often(setting, 12)

    assert await setting.backend.sessions.revoke_all_for_user(user_id) == 12

    assert _asked(setting) == {"get-session": 1, "list-sessions": 1, "revoke-sessions": 1}


async def test_all_sessions_but_one_are_ended_by_one_request(setting: Setting) -> None:
    user_id, keep = await _sign_in_often(setting, 12)

    assert await setting.backend.sessions.revoke_all_for_user(user_id, keep=keep) == 11

    assert _asked(setting) == {"get-session": 1, "list-sessions": 1, "revoke-other-sessions": 1}


async def test_a_person_who_is_two_users_there_is_listed_and_ended_as_both(
    better_auth: BetterAuthServer,
) -> None:
    async with open_setting(better_auth, account_issuers=("google",)) as setting:
        signed_in = [await setting.people.sign_in(name) for name in ("alice", "alicia", "alice", "alicia")]
        for each in signed_in[:2]:
            await setting.people.act(
                "account", userId=each.user_id, providerId="google", accountId="one-subject", scope="email"
            )
        identities = [await _identity(setting, request_of(each)) for each in signed_in]
        user_id, keep = identities[0].user.id, identities[0].session.handle

        listed = await setting.backend.sessions.list_for_user(user_id)
        ended = await setting.backend.sessions.revoke_all_for_user(user_id, keep=keep)

        assert {each.user.id for each in identities} == {user_id}
        assert (len(listed), ended) == (4, 3)
        assert await setting.people.tokens_of(signed_in[0].user_id) == [signed_in[0].token]
        assert await setting.people.tokens_of(signed_in[1].user_id) == []


@pytest.mark.full
async def test_more_sessions_than_the_server_ends_at_a_time_are_ended_all_the_same(setting: Setting) -> None:
    person = await setting.people.sign_in()
    user_id, keep = await _sign_in_often(setting, 104)  # the server's own lists have a hundred

    assert await setting.backend.sessions.revoke_all_for_user(user_id, keep=keep) == 103

    assert len(await setting.people.tokens_of(person.user_id)) <= 2


async def test_an_outage_of_the_server_ends_nothing_and_says_so(setting: Setting) -> None:
    request = await setting.request()
    identity = await _identity(setting, request)
    setting.wire.is_cut = True

    for ask in (
        lambda: setting.backend.sessions.revoke(identity.session.handle),
        lambda: setting.backend.sessions.revoke_all_for_user(identity.user.id),
        lambda: setting.backend.sessions.list_for_user(identity.user.id),
        lambda: setting.backend.check_health(),
    ):
        with pytest.raises(BackendUnavailableError):
            await ask()

    setting.wire.is_cut = False
    assert (await _identity(setting, request)).session == identity.session


async def test_a_refusal_behind_which_an_outage_hides_ends_nothing(signing: Setting) -> None:
    request = await signing.request()
    identity = await _identity(signing, request)
    hidden = httpx.Response(401, json={"code": "UNAUTHORIZED", "message": "Unauthorized"})
    for path in ("revoke-session", "revoke-sessions", "list-sessions"):
        signing.wire.answers[f"/api/auth/{path}"] = hidden

    for ask in (
        lambda: signing.backend.sessions.revoke(identity.session.handle),
        lambda: signing.backend.sessions.list_for_user(identity.user.id),
    ):
        with pytest.raises(BackendUnavailableError):
            await ask()
    del signing.wire.answers["/api/auth/list-sessions"]
    with pytest.raises(BackendUnavailableError):
        await signing.backend.sessions.revoke_all_for_user(identity.user.id)

    assert (await _identity(signing, request)).session == identity.session


async def test_an_origin_that_the_server_does_not_trust_is_told_to_the_operator(
    better_auth: BetterAuthServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_setting(better_auth, issuer="http://wrong.localhost:1") as setting:
        identity = await _identity(setting, await setting.request())

        with caplog.at_level(logging.ERROR), pytest.raises(BackendUnavailableError) as caught:
            await setting.backend.sessions.revoke(identity.session.handle)

    assert "BETTER_AUTH_ISSUER" in str(caught.value)
    assert "http://wrong.localhost:1" in caplog.text


async def test_who_is_banned_there_is_not_let_in_here_until_the_ban_ends(setting: Setting) -> None:
    person = await setting.people.sign_in()
    until = setting.clock.now() + timedelta(hours=1)
    await setting.people.act("user", userId=person.user_id, banned=True, banExpires=until.isoformat())

    banned = await setting.backend.authenticate(request_of(person))
    setting.clock.set(until)
    after = await setting.backend.authenticate(request_of(person))

    assert banned == Denied(DenialReason.ACCOUNT_DISABLED)
    assert isinstance(after, Authenticated)


async def test_an_administrator_who_acts_as_somebody_is_not_let_in_as_them(setting: Setting) -> None:
    person, admin = await setting.people.sign_in(), await setting.people.sign_in("admin")
    await setting.people.act("impersonate", token=person.token, by=admin.user_id)

    outcome = await setting.backend.authenticate(request_of(person))

    assert outcome == Denied(DenialReason.IMPERSONATION)


async def test_what_the_server_learns_of_a_person_is_known_here_at_once(setting: Setting) -> None:
    person = await setting.people.sign_in()
    before = await _identity(setting, request_of(person))
    await setting.people.act("user", userId=person.user_id, name="Alice Other", emailVerified=True)

    after = await _identity(setting, request_of(person))

    assert after.user.id == before.user.id
    assert (after.user.name, after.user.email_verified) == ("Alice Other", True)


async def test_a_session_that_reached_our_absolute_limit_has_ended_there_too(
    better_auth: BetterAuthServer,
) -> None:
    async with open_setting(better_auth, session_ttl=timedelta(days=2)) as setting:
        person = await setting.people.sign_in()
        await _identity(setting, request_of(person))
        setting.clock.advance(2 * DAY)

        outcome = await setting.backend.authenticate(request_of(person))

        assert outcome == Anonymous(AnonymousReason.SESSION_EXPIRED)
        assert await setting.people.tokens_of(person.user_id) == []


async def test_a_secret_that_is_not_the_servers_lets_nobody_in(better_auth: BetterAuthServer) -> None:
    async with open_setting(better_auth, secret="another secret than the server has") as setting:
        outcome = await setting.backend.authenticate(await setting.request())

    assert outcome == Anonymous(AnonymousReason.COOKIE_MALFORMED)


async def test_what_acts_for_a_session_survives_a_change_of_the_secret_setting(setting: Setting) -> None:
    identity = await _identity(setting, await setting.request())
    values = {**setting.settings.model_dump(by_alias=False), "secret": setting.server.secret}
    again = setting.open(BetterAuthSettings.model_validate(values))

    assert await again.sessions.revoke(identity.session.handle) is True
