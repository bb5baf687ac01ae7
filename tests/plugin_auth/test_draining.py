"""Swapping the backend signs nobody out, and revives nobody."""

import asyncio
from datetime import timedelta

import pytest

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import SessionState
from netscript_auth_core.errors import (
    BackendUnavailableError,
    OperationUnsupportedError,
    SessionEndedError,
)
from netscript_auth_core.ports import (
    Anonymous,
    Authenticated,
    AuthRequest,
    CallbackRequest,
    Denied,
    KeyState,
    SigninRequest,
    SignoutRequest,
)
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.revocation_log import revoked_in, span_of
from netscript_kernel.keyring import KeyRing
from netscript_plugin_auth.draining.marks import Marks
from netscript_plugin_auth.draining.outcomes import with_cookies
from tests.plugin_auth.draining import (
    COOKIES,
    HEADER,
    KEY,
    OTHER_KEY,
    Swap,
    both,
    identity_of,
    session_of,
    swap,
    token_in,
)

PEOPLE = ("alice", "bob", "carol")
REVOKED = Anonymous(AnonymousReason.SESSION_REVOKED)
TO_EACH_KIND = pytest.mark.parametrize("active_is_hosted", [False, True], ids=["keeps sessions", "hosted"])
FROM_EACH_KIND = pytest.mark.parametrize("earlier_is_hosted", [False, True], ids=["kept here", "hosted"])


@FROM_EACH_KIND
@TO_EACH_KIND
async def test_everybody_is_who_they_were(earlier_is_hosted: bool, active_is_hosted: bool) -> None:
    place = swap(earlier_is_hosted=earlier_is_hosted, active_is_hosted=active_is_hosted)
    before = [await place.sign_in_before(person) for person in PEOPLE]
    backend = place.draining()

    after = [await backend.authenticate(request) for request, _ in before]

    assert [identity_of(outcome).user.id for outcome in after] == [identity.user.id for _, identity in before]


async def test_without_draining_nobody_is_known() -> None:
    place = swap()
    request, _ = await place.sign_in_before()

    assert isinstance(await place.active.authenticate(request), Anonymous)


@FROM_EACH_KIND
async def test_a_session_is_exchanged_on_first_contact(earlier_is_hosted: bool) -> None:
    place = swap(earlier_is_hosted=earlier_is_hosted)
    request, before = await place.sign_in_before()
    backend = place.draining()

    outcome = await backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    now = outcome.identity
    assert now.session.backend == place.active.name
    assert now.session.device == before.session.device
    alone = await place.active.authenticate(AuthRequest((token_in(outcome.cookies),)))
    assert identity_of(alone).user.id == before.user.id
    assert [each.handle for each in await backend.sessions.list_for_user(before.user.id)] == [
        now.session.handle
    ]
    logged = [each async for each in revoked_in(place.store, span_of(place.clock.now()))]
    assert logged == [before.session.handle]


async def test_an_exchange_is_an_event_once_and_names_the_backend_that_is_left() -> None:
    place = swap(earlier_is_hosted=True)
    request, _ = await place.sign_in_before()
    backend = place.draining()

    outcomes = [await backend.authenticate(request) for _ in range(2)]

    session = session_of(outcomes[0])
    told = [(each.name.value, each.detail, each.user_id, each.handle) for each in place.events.taken]
    assert told == [("auth.session.exchanged", place.earlier.name, session.user_id, session.handle)]


async def test_an_answer_that_was_lost_costs_nobody_the_session() -> None:
    place = swap()
    request, _ = await place.sign_in_before()
    backend = place.draining()
    first = await backend.authenticate(request)

    second = await backend.authenticate(request)

    assert isinstance(first, Authenticated)
    assert isinstance(second, Authenticated)
    assert second.identity.session.handle == first.identity.session.handle
    assert token_in(second.cookies) == token_in(first.cookies)


async def test_requests_at_once_are_exchanged_for_one_session() -> None:
    place = swap(earlier_is_hosted=True)
    request, before = await place.sign_in_before()
    backend = place.draining()

    outcomes = await asyncio.gather(*(backend.authenticate(request) for _ in range(8)))

    assert len({session_of(outcome).handle for outcome in outcomes}) == 1
    assert len(await backend.sessions.list_for_user(before.user.id)) == 1
    assert len(place.memory_of_active.storage.sessions) == 1


async def test_who_goes_away_during_an_exchange_finds_its_session_later() -> None:
    place = swap(earlier_is_hosted=True)
    request, _ = await place.sign_in_before()
    backend = place.draining()
    gone = asyncio.create_task(backend.authenticate(request))
    await asyncio.sleep(0)
    gone.cancel()

    await asyncio.gather(gone, return_exceptions=True)
    outcome = await backend.authenticate(request)

    assert gone.cancelled()
    assert isinstance(outcome, Authenticated)
    assert len(place.memory_of_active.storage.sessions) == 1


@FROM_EACH_KIND
async def test_several_instances_exchange_a_session_for_one(earlier_is_hosted: bool) -> None:
    place = swap(earlier_is_hosted=earlier_is_hosted)
    request, before = await place.sign_in_before()
    instances = [place.draining() for _ in range(4)]

    outcomes = await asyncio.gather(*(each.authenticate(request) for each in instances))

    assert len({session_of(outcome).handle for outcome in outcomes}) == 1
    assert len(await instances[0].sessions.list_for_user(before.user.id)) == 1


async def test_a_credential_that_has_run_out_at_its_upstream_opens_nothing_by_its_exchange() -> None:
    place = swap(earlier_is_hosted=True)
    request, before = await place.sign_in_before()
    backend = place.draining()
    now = session_of(await backend.authenticate(request))
    await place.memory_of_earlier.sessions.revoke(before.session.handle)
    assert isinstance(place.earlier.tokens.recognise(request), str)

    outcome = await backend.authenticate(request)

    assert outcome == REVOKED
    left = await place.active.sessions.get(now.handle)
    assert left is not None
    assert left.state is SessionState.ACTIVE


async def test_a_programs_bearer_token_is_honoured_and_not_exchanged() -> None:
    place = swap(earlier_is_hosted=True, header="authorization")
    request, before = await place.sign_in_before()
    backend = place.draining()

    outcome = await backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.id == before.user.id
    assert outcome.cookies == ()
    assert not place.memory_of_active.storage.sessions


async def test_a_programs_bearer_token_is_not_left_behind_by_a_browser() -> None:
    place = swap(earlier_is_hosted=True, header="authorization")
    program, _ = await place.sign_in_before("alice")
    browser, bob = await place.sign_in_now("bob")
    backend = place.draining()

    assert identity_of(await backend.authenticate(both(program, browser))).user.id == bob.user.id

    assert isinstance(await backend.authenticate(program), Authenticated)


async def test_swapping_there_and_back_and_there_again_signs_nobody_out() -> None:
    place = swap(earlier_is_hosted=True)
    old, alice = await place.sign_in_before()
    there = await place.draining().authenticate(old)
    assert isinstance(there, Authenticated)
    exchanged = AuthRequest((token_in(there.cookies),))
    back = await place.swapped_back().draining().authenticate(both(old, exchanged))
    assert isinstance(back, Authenticated)
    assert back.cookies == (COOKIES.clear(COOKIES.session_name),)

    again = await place.draining().authenticate(old)

    assert identity_of(again).user.id == alice.user.id
    assert identity_of(again).session.handle != there.identity.session.handle


@pytest.mark.parametrize("upstreams_revoke", [True, False])
async def test_swapping_back_brings_no_session_back_that_was_ended(upstreams_revoke: bool) -> None:
    place = swap(earlier_is_hosted=True, upstreams_revoke=upstreams_revoke)
    old, _ = await place.sign_in_before()
    there = await place.draining().authenticate(old)
    assert isinstance(there, Authenticated)
    await place.draining().sessions.revoke(there.identity.session.handle)
    exchanged = AuthRequest((token_in(there.cookies),))

    back = await place.swapped_back().draining().authenticate(both(old, exchanged))

    assert back == REVOKED
    assert await place.draining().authenticate(old) == REVOKED


async def test_ending_an_exchanged_session_ends_the_one_at_the_upstream() -> None:
    place = swap(earlier_is_hosted=True, upstreams_revoke=True)
    old, _ = await place.sign_in_before()
    backend = place.draining()
    now = session_of(await backend.authenticate(old))

    await backend.sessions.revoke(now.handle)

    assert await place.earlier.authenticate(old) == REVOKED


async def test_swapping_back_makes_nobody_who_left_a_session_behind_its_person_again() -> None:
    place = swap(earlier_is_hosted=True)
    old, _ = await place.sign_in_before("alice")
    new, bob = await place.sign_in_now("bob")
    await place.draining().authenticate(both(old, new))

    back = await place.swapped_back().draining().authenticate(both(old, new))

    assert identity_of(back).user.id == bob.user.id


@FROM_EACH_KIND
@TO_EACH_KIND
async def test_revoking_is_for_good(earlier_is_hosted: bool, active_is_hosted: bool) -> None:
    place = swap(earlier_is_hosted=earlier_is_hosted, active_is_hosted=active_is_hosted)
    request, _ = await place.sign_in_before()
    backend = place.draining()
    session = session_of(await backend.authenticate(request))

    assert await backend.sessions.revoke(session.handle) is True

    for instance in (backend, place.draining()):
        assert isinstance(await instance.authenticate(request), Anonymous)
        left = await instance.sessions.get(session.handle)
        assert left is None or left.state is not SessionState.ACTIVE


@FROM_EACH_KIND
async def test_an_exchanged_session_is_reached_by_its_earlier_handle(earlier_is_hosted: bool) -> None:
    place = swap(earlier_is_hosted=earlier_is_hosted)
    request, before = await place.sign_in_before()
    backend = place.draining()
    now = session_of(await backend.authenticate(request))

    found = await backend.sessions.get(before.session.handle)
    revoked = await backend.sessions.revoke(before.session.handle)

    assert found is not None
    assert found.handle == now.handle
    assert revoked is True
    assert isinstance(await backend.authenticate(request), Anonymous)


async def test_signing_out_with_an_earlier_credential_ends_the_session() -> None:
    place = swap()
    request, _ = await place.sign_in_before()
    backend = place.draining()
    await backend.authenticate(request)
    handle = backend.tokens.recognise(request)
    assert isinstance(handle, str)
    assert backend.signout is not None

    signed_out = await backend.signout.end(SignoutRequest(handle, "https://auth.invalid/", "state"))

    assert signed_out.ended == 1
    assert isinstance(await backend.authenticate(request), Anonymous)


async def test_ending_all_of_a_persons_sessions_reaches_both_backends() -> None:
    place = swap()
    before, identity = await place.sign_in_before()
    now, _ = await place.sign_in_now()
    backend = place.draining()

    assert await backend.sessions.revoke_all_for_user(identity.user.id) == 2

    for request in (before, now):
        assert isinstance(await backend.authenticate(request), Anonymous)


async def test_everywhere_at_a_sign_out_reaches_both_backends() -> None:
    place = swap()
    before, _ = await place.sign_in_before()
    now, _ = await place.sign_in_now()
    backend = place.draining()
    handle = backend.tokens.recognise(now)
    assert isinstance(handle, str)
    assert backend.signout is not None

    signed_out = await backend.signout.end(
        SignoutRequest(handle, "https://auth.invalid/", "s", everywhere=True)
    )

    assert signed_out.ended == 2
    assert isinstance(await backend.authenticate(before), Anonymous)


async def test_who_signs_in_anew_leaves_the_earlier_session_behind() -> None:
    place = swap(active_is_hosted=True)
    old, _ = await place.sign_in_before("alice")
    new, bob = await place.sign_in_now("bob")
    backend = place.draining()

    outcome = await backend.authenticate(both(old, new))

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.id == bob.user.id
    assert outcome.cookies == (COOKIES.clear(COOKIES.session_name),)
    assert isinstance(await backend.authenticate(old), Anonymous)


async def test_an_upstreams_session_that_was_left_behind_counts_for_nothing_and_lives_on_there() -> None:
    place = swap(earlier_is_hosted=True)
    old, _ = await place.sign_in_before("alice")
    new, bob = await place.sign_in_now("bob")
    backend = place.draining()

    assert identity_of(await backend.authenticate(both(old, new))).user.id == bob.user.id

    assert await backend.authenticate(old) == REVOKED
    assert isinstance(await place.earlier.authenticate(old), Authenticated)


async def test_a_made_up_credential_of_an_earlier_backend_leaves_no_trace() -> None:
    place = swap(earlier_is_hosted=True)
    new, _ = await place.sign_in_now("bob")
    backend = place.draining()
    made_up = AuthRequest(headers={HEADER: "made-up".ljust(43, "x")})
    handle = place.earlier.tokens.recognise(made_up)
    assert isinstance(handle, str)

    assert isinstance(await backend.authenticate(both(new, made_up)), Authenticated)

    marks = Marks(place.store, KeyRing([KEY]), place.clock, place.active.name)
    assert await marks.read(place.earlier.name, handle) is None


async def test_an_earlier_upstream_that_is_away_keeps_nobody_out_and_is_asked_again() -> None:
    place = swap(earlier_is_hosted=True)
    old, _ = await place.sign_in_before("alice")
    new, bob = await place.sign_in_now("bob")
    backend = place.draining()

    place.memory_of_earlier.storage.is_away = True
    assert identity_of(await backend.authenticate(both(old, new))).user.id == bob.user.id
    place.memory_of_earlier.storage.is_away = False
    await backend.authenticate(both(old, new))

    assert await backend.authenticate(old) == REVOKED


async def test_an_earlier_session_that_cannot_be_ended_upstream_counts_for_nothing_here() -> None:
    place = swap(active_is_hosted=True)
    old, _ = await place.sign_in_before("alice")
    new, bob = await place.sign_in_now("bob")
    upstream_is_away(place)
    backend = place.draining()

    assert identity_of(await backend.authenticate(both(old, new))).user.id == bob.user.id

    assert await backend.authenticate(old) == REVOKED


async def test_a_sign_in_is_not_lost_for_an_earlier_session_that_cannot_be_ended() -> None:
    place = swap()
    old, _ = await place.sign_in_before()
    upstream_is_away(place)
    backend = place.draining()
    assert backend.interactive is not None
    started = await backend.interactive.start(SigninRequest("pretend", "/"))
    parameters = await place.provider.sign_in(started.redirect_url, "bob")
    flow = {started.cookie.flow_id: started.cookie.value}

    completed = await backend.interactive.complete(
        CallbackRequest(parameters, flow_cookies=flow, session_tokens=old.session_tokens)
    )

    assert completed.issued.token
    assert await backend.authenticate(old) == REVOKED


def upstream_is_away(place: Swap) -> None:
    """Let the earlier backend keep its sessions here and tell an upstream of their end, which is away."""

    async def revoke(handle: str) -> bool:
        raise BackendUnavailableError(place.earlier.name, f"nobody was told of {len(handle)} characters")

    vars(place.earlier.sessions)["revoke"] = revoke


async def test_everywhere_is_refused_before_anything_ends_where_the_active_backend_cannot() -> None:
    place = swap()
    old, _ = await place.sign_in_before()
    vars(place.active)["capabilities"] = Capabilities(frozenset(Capability) - {Capability.REVOKE_ALL})
    vars(place.active)["interactive"] = None
    backend = place.draining()
    session = session_of(await backend.authenticate(old))
    assert backend.signout is not None

    with pytest.raises(OperationUnsupportedError):
        await backend.signout.end(
            SignoutRequest(session.handle, "https://auth.invalid/", "s", everywhere=True)
        )

    assert isinstance(await backend.authenticate(old), Authenticated)


async def test_an_earlier_session_that_expired_is_not_said_to_have_been_revoked() -> None:
    place = swap(active_is_hosted=True)
    _, identity = await place.sign_in_before()
    place.clock.advance(timedelta(days=8))

    with pytest.raises(SessionEndedError) as caught:
        await place.draining().sessions.refresh(identity.session.handle)

    assert caught.value.cause is AnonymousReason.SESSION_EXPIRED


async def test_what_an_exchange_sealed_is_counted_and_sealed_anew() -> None:
    place = swap()
    request, _ = await place.sign_in_before()
    vars(place.active)["sealed"] = Marks(place.store, KeyRing([KEY]), place.clock, "another part")
    backend = place.draining()
    before = session_of(await backend.authenticate(request))
    assert backend.sealed is not None
    marks = Marks(place.store, KeyRing([OTHER_KEY, KEY]), place.clock, place.active.name)
    counted = await marks.count()
    assert [(each.state, each.count) for each in counted] == [
        (KeyState.CURRENT, 0),
        (KeyState.CONFIGURED, 1),
    ]

    while not (await marks.seal_anew()).is_done:
        pass

    under_the_new_key = await place.draining(OTHER_KEY).authenticate(request)
    assert session_of(under_the_new_key).handle == before.handle
    assert [each.count for each in await marks.count()] == [1, 0]


async def test_after_an_exchange_both_credentials_are_one_session() -> None:
    place = swap(earlier_is_hosted=True)
    old, alice = await place.sign_in_before()
    backend = place.draining()
    first = await backend.authenticate(old)
    assert isinstance(first, Authenticated)
    new = AuthRequest((token_in(first.cookies),))

    outcome = await backend.authenticate(both(old, new))

    assert session_of(outcome).handle == first.identity.session.handle
    assert identity_of(await backend.authenticate(old)).user.id == alice.user.id


async def test_a_sign_in_through_us_ends_the_earlier_session_of_the_browser() -> None:
    place = swap()
    old, _ = await place.sign_in_before()
    backend = place.draining()
    assert backend.interactive is not None
    started = await backend.interactive.start(SigninRequest("pretend", "/"))
    parameters = await place.provider.sign_in(started.redirect_url, "bob")

    await backend.interactive.complete(
        CallbackRequest(
            parameters,
            flow_cookies={started.cookie.flow_id: started.cookie.value},
            session_tokens=old.session_tokens,
        )
    )

    assert isinstance(await place.earlier.authenticate(old), Anonymous)


async def test_time_ends_an_earlier_session() -> None:
    place = swap(active_is_hosted=True)
    request, _ = await place.sign_in_before()
    place.clock.advance(timedelta(days=8))

    assert await place.draining().authenticate(request) == Anonymous(AnonymousReason.SESSION_EXPIRED)


async def test_two_cookies_stay_ambiguous() -> None:
    place = swap()
    one, _ = await place.sign_in_before("alice")
    two, _ = await place.sign_in_before("bob")

    outcome = await place.draining().authenticate(both(one, two))

    assert outcome == Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)


async def test_while_the_active_backend_is_away_no_earlier_one_is_believed() -> None:
    place = swap(active_is_hosted=True)
    old, _ = await place.sign_in_before()
    new, _ = await place.sign_in_now("bob")
    place.memory_of_active.storage.is_away = True

    with pytest.raises(BackendUnavailableError):
        await place.draining().authenticate(both(old, new))


async def test_while_an_earlier_backend_is_away_nobody_is_told_to_be_anonymous() -> None:
    place = swap()
    old, _ = await place.sign_in_before()
    place.memory_of_earlier.storage.is_away = True
    backend = place.draining()

    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(old)
    await backend.check_health()


async def test_without_the_store_an_exchange_is_an_outage_and_loses_nobody() -> None:
    place = swap(earlier_is_hosted=True)
    request, identity = await place.sign_in_before()
    backend = place.draining()

    async with place.store.outage():
        with pytest.raises(BackendUnavailableError):
            await backend.authenticate(request)

    assert identity_of(await backend.authenticate(request)).user.id == identity.user.id


async def test_a_session_whose_key_is_gone_is_nobodys_by_its_earlier_credential() -> None:
    place = swap()
    request, _ = await place.sign_in_before()
    outcome = await place.draining().authenticate(request)
    assert isinstance(outcome, Authenticated)

    assert await place.draining(OTHER_KEY).authenticate(request) == REVOKED
    later = await place.draining(OTHER_KEY).authenticate(AuthRequest((token_in(outcome.cookies),)))
    assert session_of(later).handle == outcome.identity.session.handle


def test_whoever_is_denied_keeps_what_was_left_for_them() -> None:
    denied = Denied(DenialReason.IMPERSONATION, cookies=("a=1",))

    outcome = with_cookies(denied, ("b=2",))

    assert outcome == denied
    assert outcome.cookies == ("b=2", "a=1")


@pytest.mark.parametrize("handle", ["", "\0", "\ud800", "x" * 10_000])
async def test_an_odd_handle_names_nothing(handle: str) -> None:
    backend = swap().draining()

    assert await backend.sessions.get(handle) is None
    assert await backend.sessions.revoke(handle) is False


async def test_a_principal_is_that_of_the_backend_that_keeps_the_session() -> None:
    place = swap(active_is_hosted=True)
    request, _ = await place.sign_in_before()
    backend = place.draining()

    principal = backend.principals.principal(session_of(await backend.authenticate(request)))

    assert principal.backend == "earlier"


async def test_an_exchange_is_no_sign_in_and_says_so() -> None:
    place = swap(earlier_is_hosted=True)
    request, before = await place.sign_in_before()
    place.clock.advance(timedelta(hours=1))

    session = session_of(await place.draining().authenticate(request))

    assert session.backend == "memory", "a session of the active backend is in its place"
    assert session.authenticated_at == before.session.authenticated_at
