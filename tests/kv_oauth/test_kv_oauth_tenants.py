"""One provider with many tenants: whose people come in, and under which key."""

from contextlib import AbstractAsyncContextManager

import pytest

from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError, SessionEndedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from tests.kv_oauth.preset_peers import Visited, changed, documented, open_preset

HERE = "72f988bf-86f1-41af-91ab-2d7cd011db47"
THERE = "11111111-2222-3333-4444-555555555555"
MICROSOFT = "https://login.microsoftonline.com"


@pytest.mark.parametrize("tid", [HERE, THERE])
async def test_people_of_allowed_tenants_come_in_under_their_tenants_issuer(tid: str) -> None:
    async with _entra("common", tid, f"{HERE},{THERE}") as visited:
        (account,) = (await visited.sign_in()).issued.user.accounts

    assert account.issuer == f"{MICROSOFT}/{tid}/v2.0"


async def test_one_tenant_and_a_choice_of_many_know_a_person_by_the_same_key() -> None:
    async with open_preset("microsoft") as visited:
        (one,) = (await visited.sign_in()).issued.user.accounts
    async with _entra("organizations", HERE, HERE) as visited:
        (other,) = (await visited.sign_in()).issued.user.accounts

    assert (one.issuer, one.subject) == (other.issuer, other.subject)


async def test_any_tenant_comes_in_where_the_operator_says_any() -> None:
    async with _entra("common", THERE, "any") as visited:
        assert (await visited.sign_in()).issued.token


@pytest.mark.parametrize(
    ("tenant", "claims", "allowed"),
    [
        ("common", {"tid": THERE, "iss": f"{MICROSOFT}/{THERE}/v2.0"}, HERE),
        ("common", {"tid": HERE, "iss": f"{MICROSOFT}/{THERE}/v2.0"}, HERE),
        ("common", {"tid": HERE, "iss": f"{MICROSOFT}/{THERE}/v2.0"}, "any"),
        ("common", {"tid": HERE, "iss": "https://evil.example/v2.0"}, "any"),
        ("common", {"tid": HERE, "iss": f"{MICROSOFT}/{{tenantid}}/v2.0"}, "any"),
        ("common", {"tid": None, "iss": f"{MICROSOFT}/{HERE}/v2.0"}, "any"),
        ("common", {"tid": 7, "iss": f"{MICROSOFT}/7/v2.0"}, "any"),
        ("common", {"tid": "../x", "iss": f"{MICROSOFT}/../x/v2.0"}, "any"),
        (HERE, {"tid": THERE, "iss": f"{MICROSOFT}/{THERE}/v2.0"}, None),
    ],
)
async def test_c14_a_token_of_another_tenant_signs_nobody_in(
    tenant: str, claims: dict[str, object], allowed: str | None
) -> None:
    async with _entra(tenant, HERE, allowed) as visited:
        visited.idp.claims |= claims

        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in()

    assert refusal.value.code is FlowReason.ID_TOKEN_INVALID


@pytest.mark.parametrize("iss", [f"{MICROSOFT}/{THERE}/v2.0", f"{MICROSOFT}/common/v2.0", MICROSOFT])
async def test_c14_an_answer_of_another_tenant_is_refused(iss: str) -> None:
    async with _entra("common", HERE, HERE) as visited:
        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in(iss=iss)

        assert refusal.value.code is FlowReason.ISS_MISMATCH
        assert (await visited.sign_in(iss=f"{MICROSOFT}/{HERE}/v2.0")).issued.token


async def test_a_refresh_of_a_grant_brings_nobody_of_another_tenant() -> None:
    async with _entra("common", HERE, "any") as visited:
        visited.idp.tokens = {"refresh_token": "the-first"}
        issued = (await visited.sign_in()).issued
        await visited.backend.sessions.refresh(issued.session.handle)
        visited.clock.advance(LEASE)
        visited.idp.claims |= {"tid": THERE, "iss": f"{MICROSOFT}/{THERE}/v2.0"}

        with pytest.raises(SessionEndedError):
            await visited.backend.sessions.refresh(issued.session.handle)


@pytest.mark.parametrize(
    ("of_key", "comes_in"),
    [
        (f"{MICROSOFT}/{HERE}/v2.0", True),
        (f"{MICROSOFT}/{{tenantid}}/v2.0", True),
        (None, True),
        (f"{MICROSOFT}/{THERE}/v2.0", False),
        ("https://evil.example/{tenantid}/v2.0", False),
        ("", False),
    ],
)
async def test_c14_a_key_that_is_published_for_other_tenants_signs_for_none_of_ours(
    of_key: str | None, comes_in: bool
) -> None:
    async with _entra("common", HERE, "any") as visited:
        visited.idp.keys = [
            {**key, **({} if of_key is None else {"issuer": of_key})} for key in visited.idp.keys
        ]

        if comes_in:
            assert (await visited.sign_in()).issued.token
        else:
            with pytest.raises(FlowRefusedError, match="id_token_invalid"):
                await visited.sign_in()


async def test_metadata_of_another_choice_of_tenants_is_not_used() -> None:
    async with _entra("consumers", HERE, "any") as visited:
        visited.idp.metadata["issuer"] = f"{MICROSOFT}/{{tenantid}}/v2.0"

        with pytest.raises(BackendUnavailableError):
            await visited.start()


def _entra(tenant: str, tid: str, allowed: str | None) -> AbstractAsyncContextManager[Visited]:
    answers = changed(documented("microsoft"), {"id_token": {"tid": tid, "iss": f"{MICROSOFT}/{tid}/v2.0"}})
    listed = {} if allowed is None else {"allowed_tenants": allowed}
    answers = answers.model_copy(update={"parameters": {"tenant": tenant, **listed}})
    return open_preset("microsoft", answers=answers)
