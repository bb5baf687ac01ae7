"""Secrets under the service's keys: counted as they are, and sealed anew without anybody noticing."""

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import AuthBackendPort, KeyState, SealedSecretsPort
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import pass_some_time, visit
from netscript_auth_core.testing.conformance.witness import Witness

MOST_ROUNDS = 100


class SealedRules:
    """What a backend without sealed secrets keeps is not judged here: it says so by having no such part."""

    async def test_what_is_sealed_is_counted_under_the_current_key(self, subject: BackendUnderTest) -> None:
        """Each key once, the current one first. A sign-in has to leave a secret, or nothing is judged."""
        sealed = subject.backend.sealed
        if sealed is None:
            return
        before = await _counted(sealed, KeyState.CURRENT)

        await visit(subject)

        counted = await sealed.count()
        assert [each.state for each in counted if each.state is KeyState.CURRENT] == [counted[0].state]
        assert len({each.key_id for each in counted}) == len(counted)
        assert counted[0].count > before

    async def test_after_a_change_of_keys_all_is_sealed_anew_and_nobody_is_signed_out(
        self, subject: BackendUnderTest
    ) -> None:
        """Nor is anything lost that could be refreshed."""
        if subject.backend.sealed is None:
            return
        visitors = [await visit(subject, person) for person in ("alice", "bob")]
        sealed_before = await _counted(subject.backend.sealed, KeyState.CURRENT)
        backend = await subject.under_a_new_key()
        try:
            sealed = _sealed(backend)
            assert await _counted(sealed, KeyState.CURRENT) == 0
            assert await _counted(sealed, KeyState.CONFIGURED) == sealed_before

            await _seal_all_anew(sealed)

            assert await _counted(sealed, KeyState.CURRENT) == sealed_before
            assert await _counted(sealed, KeyState.CONFIGURED) == 0
            for visitor in visitors:
                await visitor.expect_signed_in()
                pass_some_time(visitor)
                if Capability.REFRESH in backend.capabilities:
                    await backend.sessions.refresh(visitor.handle)
        finally:
            await backend.aclose()

    @requires(Capability.REVOKE)
    async def test_a_change_of_keys_brings_nobody_back(self, subject: BackendUnderTest) -> None:
        """Whose session was ended before it."""
        if subject.backend.sealed is None:
            return
        visitor = await visit(subject)
        await subject.backend.sessions.revoke(visitor.handle)
        backend = await subject.under_a_new_key()
        try:
            await _seal_all_anew(_sealed(backend))
        finally:
            await backend.aclose()

        await visitor.expect_revoked()

    async def test_a_change_of_keys_shows_no_secret(self, subject: BackendUnderTest) -> None:
        """Neither in what is counted nor in the log."""
        if subject.backend.sealed is None:
            return
        visitor, witness = await visit(subject), Witness()
        backend = await subject.under_a_new_key()
        try:
            sealed = _sealed(backend)
            await witness.ask(sealed.count())
            await witness.ask(sealed.seal_anew())
        finally:
            await backend.aclose()

        known = {*subject.secrets_of(visitor.request), *subject.provider.secrets()}
        assert not [text for text in witness.texts for secret in known if secret in text]

    async def test_without_the_store_nothing_is_counted(self, subject: BackendUnderTest) -> None:
        """Zero is an answer; an outage is none."""
        sealed = subject.backend.sealed
        if sealed is None:
            return
        await visit(subject)

        async with subject.store_outage():
            with pytest.raises(BackendUnavailableError):
                await sealed.count()


def _sealed(backend: AuthBackendPort) -> SealedSecretsPort:
    assert backend.sealed is not None, "the part is there under one key and not under another"
    return backend.sealed


async def _counted(sealed: SealedSecretsPort, state: KeyState) -> int:
    return sum(each.count for each in await sealed.count() if each.state is state)


async def _seal_all_anew(sealed: SealedSecretsPort) -> None:
    for _ in range(MOST_ROUNDS):
        if (await sealed.seal_anew()).is_done:
            return
    raise AssertionError(f"{MOST_ROUNDS} rounds have not sealed a few secrets anew")
