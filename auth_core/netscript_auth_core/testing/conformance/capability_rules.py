"""What a backend says of itself is so."""

import re
from datetime import timedelta

import pytest

from netscript_auth_core.backends import check_capabilities
from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import Device
from netscript_auth_core.ports import AuthBackendPort
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser
from netscript_auth_core.testing.conformance.requirements import expect_unsupported
from netscript_auth_core.testing.conformance.visits import visit


class CapabilityRules:
    """Capabilities, providers and principals."""

    async def test_it_is_the_port(self, subject: BackendUnderTest) -> None:
        """It has every part, and a name to be selected by."""
        backend = subject.backend

        assert isinstance(backend, AuthBackendPort)
        assert backend.name == backend.name.strip().lower() != ""

    async def test_its_parts_fit_its_capabilities(self, subject: BackendUnderTest) -> None:
        """The service would start with it, and a lag is no time machine."""
        check_capabilities(subject.backend)

        assert subject.backend.capabilities.revocation_lag >= timedelta(0)

    @pytest.mark.parametrize("capability", Capability)
    async def test_what_is_offered_works_and_what_is_not_is_refused(
        self, subject: BackendUnderTest, capability: Capability
    ) -> None:
        """No more and no less than declared."""
        if capability in subject.backend.capabilities:
            await _use(subject, capability)
        else:
            await expect_unsupported(subject.backend, capability)

    async def test_what_is_not_offered_is_explained(self, subject: BackendUnderTest) -> None:
        """In a sentence of its own each, which ``describe`` and refusals show."""
        can = subject.backend.capabilities

        explained = {each for each, why in can.why_not.items() if why.strip()}

        assert explained == set(Capability) - can.offered

    async def test_capabilities_do_not_change_by_use(self, subject: BackendUnderTest) -> None:
        """They are asked once, when the service starts."""
        before = subject.backend.capabilities

        await visit(subject)

        assert subject.backend.capabilities == before

    async def test_every_provider_of_the_list_is_found_by_its_id(self, subject: BackendUnderTest) -> None:
        """Ids are distinct, fit into a path, and lead to the descriptor."""
        providers = subject.backend.providers
        ids = [descriptor.id for descriptor in providers.list()]

        assert len(ids) == len(set(ids))
        assert [providers.get(each) for each in ids] == list(providers.list())
        assert all(re.fullmatch(r"[a-z0-9-]{1,64}", each) for each in ids)

    @pytest.mark.parametrize("provider_id", ["", "nobody-has-this-id", "../x", "x" * 10_000, "\0"])
    async def test_a_provider_that_is_not_there_is_none(
        self, subject: BackendUnderTest, provider_id: str
    ) -> None:
        """Whatever was asked for."""
        assert subject.backend.providers.get(provider_id) is None

    async def test_a_principal_is_its_session(self, subject: BackendUnderTest) -> None:
        """Who acts is who is signed in, with what was granted."""
        visitor = await visit(subject)

        principal = subject.backend.principals.principal(visitor.session)

        assert principal.user_id == visitor.user.id
        assert principal.session_handle == visitor.handle
        assert principal.backend == subject.backend.name
        assert principal.provider_id == visitor.session.provider_id
        assert set(principal.scopes) <= set(visitor.session.scopes)


async def _use(subject: BackendUnderTest, capability: Capability) -> None:
    """Use an offered operation with good input, and judge that it did something."""
    sessions = subject.backend.sessions
    match capability:
        case Capability.SIGNIN:
            assert (await Browser(subject).start()).redirect_url
        case Capability.CALLBACK:
            assert (await Browser(subject).sign_in()).issued.token
        case Capability.CREATE_SESSIONS:
            assert (await sessions.create(subject.provider.identity("alice"), Device())).token
        case Capability.REFRESH:
            visitor = await visit(subject)
            assert (await sessions.refresh(visitor.handle)).handle == visitor.handle
        case Capability.REVOKE:
            assert await sessions.revoke((await visit(subject)).handle)
        case Capability.LIST_SESSIONS:
            visitor = await visit(subject)
            assert [each.handle for each in await sessions.list_for_user(visitor.user.id)] == [visitor.handle]
        case Capability.REVOKE_ALL:
            assert await sessions.revoke_all_for_user((await visit(subject)).user.id) == 1
        case Capability.STEP_UP:
            able = [each.id for each in subject.backend.providers.list() if each.step_up]
            assert (await Browser(subject).start_at(able[0], max_age=timedelta(0))).redirect_url
        case Capability.UPSTREAM_LOGOUT:
            visitor, token = await visit(subject), await subject.logouts.logout_of("alice")
            assert subject.backend.upstream_logout is not None
            assert await subject.backend.upstream_logout.end(visitor.session.provider_id, token) == 1
