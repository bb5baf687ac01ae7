"""Sessions as they are found: one by one, and all of a person's."""

from datetime import timedelta

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import encode_views
from netscript_auth_core.cookie_limits import check_session_token
from netscript_auth_core.domain import Device, SessionState
from netscript_auth_core.ports import Authenticated, AuthRequest
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import Visit, visit

MANY = 130  # more than the page of any store


class SessionRules:
    """Reading and creating."""

    async def test_a_session_is_found_by_its_handle(self, subject: BackendUnderTest) -> None:
        """And says whose it is."""
        visitor = await visit(subject)

        session = await subject.backend.sessions.get(visitor.handle)

        assert session is not None
        assert session.handle == visitor.handle
        assert session.user_id == visitor.user.id
        assert session.backend == subject.backend.name
        assert session.state is SessionState.ACTIVE

    async def test_an_unknown_handle_is_nobodys(self, subject: BackendUnderTest) -> None:
        """That is a value, whatever the handle looks like."""
        for handle in ("never-given-out", "", "x" * 10_000, "\0", "../x", "A" * 43):
            assert await subject.backend.sessions.get(handle) is None

    async def test_different_persons_have_sessions_of_their_own(self, subject: BackendUnderTest) -> None:
        """Signed in at the same time."""
        alice, bob = await visit(subject, "alice"), await visit(subject, "bob")

        assert alice.handle != bob.handle
        assert (await alice.expect_signed_in()).user.id != (await bob.expect_signed_in()).user.id

    async def test_encoded_answers_are_what_the_contract_makes_of_the_identity(
        self, subject: BackendUnderTest
    ) -> None:
        """Now and after some use; where a backend keeps none, it has nothing that could be stale."""
        visitor = await visit(subject)
        for _ in range(3):
            outcome = await subject.backend.authenticate(visitor.request)
            await subject.settle()
            subject.clock.advance(timedelta(minutes=2))
            assert isinstance(outcome, Authenticated)
            assert outcome.views in (None, encode_views(outcome.identity))

    @requires(Capability.CREATE_SESSIONS)
    async def test_a_session_in_the_place_of_another_says_when_the_person_signed_in(
        self, subject: BackendUnderTest
    ) -> None:
        """It is no sign-in, so that nobody passes for somebody who was there just now."""
        then = subject.clock.now() - timedelta(hours=1)
        identity = subject.provider.identity("alice")

        issued = await subject.backend.sessions.create(identity, Device(), authenticated_at=then)

        session = await subject.backend.sessions.get(issued.session.handle)
        assert session is not None
        assert issued.session.authenticated_at == session.authenticated_at == then

    @requires(Capability.CREATE_SESSIONS)
    async def test_a_session_for_which_nobody_proved_to_be_there_does_not_say_so(
        self, subject: BackendUnderTest
    ) -> None:
        """That it began just now is no proof of anybody."""
        identity = subject.provider.identity("alice")

        issued = await subject.backend.sessions.create(identity, Device())

        session = await subject.backend.sessions.get(issued.session.handle)
        assert session is not None
        assert issued.session.authenticated_at is session.authenticated_at is None

    @requires(Capability.CREATE_SESSIONS)
    async def test_a_created_session_lets_its_person_in(self, subject: BackendUnderTest) -> None:
        """On the device that was named."""
        device = Device(user_agent="a device of its own")

        issued = await subject.backend.sessions.create(subject.provider.identity("alice"), device)

        check_session_token(subject.backend.name, issued.token)
        outcome = await subject.backend.authenticate(AuthRequest((issued.token,)))
        assert isinstance(outcome, Authenticated)
        assert outcome.identity.user == issued.user
        assert outcome.identity.session.handle == issued.session.handle
        assert outcome.identity.session.device == device

    @requires(Capability.CREATE_SESSIONS)
    async def test_a_created_session_is_the_same_persons(self, subject: BackendUnderTest) -> None:
        """As one that began by signing in, with a token and a handle of its own."""
        visitor = await visit(subject, "alice")

        issued = await subject.backend.sessions.create(subject.provider.identity("alice"), Device())

        assert issued.user.id == visitor.user.id
        assert issued.session.handle != visitor.handle
        assert issued.token not in (issued.session.handle, *visitor.request.session_tokens)

    @requires(Capability.LIST_SESSIONS)
    async def test_a_persons_sessions_are_listed_newest_first(self, subject: BackendUnderTest) -> None:
        """Only the person's own."""
        visits = [await _later_visit(subject) for _ in range(3)]
        await visit(subject, "bob")

        listed = await subject.backend.sessions.list_for_user(visits[0].user.id)

        assert [each.handle for each in listed] == [each.handle for each in reversed(visits)]
        assert {each.user_id for each in listed} == {visits[0].user.id}
        assert {each.state for each in listed} == {SessionState.ACTIVE}

    @requires(Capability.LIST_SESSIONS)
    async def test_nobody_has_no_sessions(self, subject: BackendUnderTest) -> None:
        """That is an empty list."""
        await visit(subject)

        for user_id in ("usr_never-given-out", "", "\0", "*"):
            assert list(await subject.backend.sessions.list_for_user(user_id)) == []

    @requires(Capability.LIST_SESSIONS, Capability.REVOKE)
    async def test_sessions_that_were_revoked_are_not_listed(self, subject: BackendUnderTest) -> None:
        """The others are."""
        first, second = await _later_visit(subject), await _later_visit(subject)

        await subject.backend.sessions.revoke(first.handle)

        listed = await subject.backend.sessions.list_for_user(first.user.id)
        assert [each.handle for each in listed] == [second.handle]

    @requires(Capability.CREATE_SESSIONS, Capability.LIST_SESSIONS, Capability.REVOKE_ALL)
    async def test_however_many_sessions_there_are_all_are_listed_and_ended(
        self, subject: BackendUnderTest
    ) -> None:
        """No page of a store bounds it. A backend that does has ended the others."""
        sessions, identity = subject.backend.sessions, subject.provider.identity("alice")
        issued = [await sessions.create(identity, Device()) for _ in range(MANY)]
        user_id = issued[0].user.id
        found = [await sessions.get(each.session.handle) for each in issued]
        active = {each.handle for each in found if each is not None and each.state is SessionState.ACTIVE}

        listed = await sessions.list_for_user(user_id)
        ended = await sessions.revoke_all_for_user(user_id)

        assert issued[-1].session.handle in active
        assert {each.handle for each in listed} == active
        assert ended == len(active)
        assert list(await sessions.list_for_user(user_id)) == []


async def _later_visit(subject: BackendUnderTest) -> Visit:
    """Let alice sign in a moment after whatever came before."""
    subject.clock.advance(timedelta(seconds=5))
    return await visit(subject, "alice")
