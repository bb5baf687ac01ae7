"""A provider with one fault at a time, and what we make of it."""

from dataclasses import dataclass

import pytest

from netscript_auth_core.errors import (
    AuthError,
    BackendUnavailableError,
    FlowRefusedError,
    ProviderProtocolError,
)
from netscript_auth_core.ports import Authenticated, SigninStarted
from netscript_auth_core.reasons import FlowReason
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.kv_oauth.desks import Desk, Parameters, open_desk

M = Misbehaviour
INVALID, SUBJECT, NONCE = FlowReason.ID_TOKEN_INVALID, FlowReason.SUBJECT_INVALID, FlowReason.NONCE_MISMATCH
PROTOCOL, OUTAGE = ProviderProtocolError, BackendUnavailableError


@dataclass(frozen=True)
class Told:
    """How a refusal is to be told: to the browser by its reason, to the operator by what was expected."""

    reason: FlowReason
    expected: str = ""


# Where the id token lacks something, userinfo is asked; of the others nobody lacks anything.
ASKS_USERINFO = "no-email"

REFUSED: dict[Misbehaviour, Told] = {
    M.WRONG_ISS_IN_ID_TOKEN: Told(INVALID, "a valid iss"),
    M.MISSING_ISS_IN_ID_TOKEN: Told(INVALID, "a valid iss"),
    M.WRONG_AUD: Told(INVALID, "a valid aud"),
    M.MISSING_AUD: Told(INVALID, "a valid aud"),
    M.AUD_LIST_WITHOUT_US: Told(INVALID, "a valid aud"),
    M.AUD_LIST_WITHOUT_AZP: Told(INVALID, "a valid azp"),
    M.AUD_LIST_WITH_WRONG_AZP: Told(INVALID, "a valid azp"),
    M.MISSING_SUB: Told(SUBJECT, "sub of"),
    M.EMPTY_SUB: Told(SUBJECT, "sub of"),
    M.NUMERIC_SUB: Told(SUBJECT, "sub of"),
    M.LONG_SUB: Told(SUBJECT, "sub of"),
    M.WRONG_NONCE: Told(NONCE, "the nonce of this flow"),
    M.MISSING_NONCE: Told(NONCE, "the nonce of this flow"),
    M.EXPIRED: Told(INVALID, "a valid exp"),
    M.MISSING_EXP: Told(INVALID, "exp as a number"),
    M.EXP_AS_TEXT: Told(INVALID, "exp as a number"),
    M.EXP_NOT_A_NUMBER: Told(INVALID, "a compact JWS"),
    M.EXP_IN_FAR_FUTURE: Told(INVALID, "iat and exp within 31 days"),
    M.IAT_IN_FUTURE: Told(INVALID, "a valid iat"),
    M.MISSING_IAT: Told(INVALID, "iat as a number"),
    M.NBF_IN_FUTURE: Told(INVALID, "a valid nbf"),
    M.AUTH_TIME_AS_TEXT: Told(INVALID, "auth_time as a number"),
    M.WRONG_AT_HASH: Told(INVALID, "a valid at_hash"),
    M.CRIT_HEADER: Told(INVALID, "a compact JWS"),
    M.JKU_HEADER: Told(INVALID, "a compact JWS"),
    M.JWK_HEADER: Told(INVALID, "a compact JWS"),
    M.UNKNOWN_KID: Told(INVALID, "a signature by a published key"),
    M.LOGOUT_TOKEN_TYP: Told(INVALID, "typ JWT or none"),
    M.ALG_NONE: Told(INVALID, "a compact JWS"),
    M.HS256_WITH_CLIENT_SECRET: Told(INVALID, "alg of"),
    M.HS256_WITH_PUBLIC_KEY: Told(INVALID, "alg of"),
    M.FOREIGN_KEY: Told(INVALID, "a signature by a published key"),
    M.WRONG_ISS_IN_RESPONSE: Told(FlowReason.ISS_MISMATCH, "https://idp.localhost"),
    M.MISSING_ISS_IN_RESPONSE: Told(FlowReason.ISS_MISSING, "https://idp.localhost"),
    M.DUPLICATE_ISS: Told(FlowReason.PARAMETER_REPEATED),
    M.WRONG_STATE: Told(FlowReason.STATE_MISMATCH),
    M.MISSING_STATE: Told(FlowReason.PARAMETER_MISSING),
    M.DUPLICATE_STATE: Told(FlowReason.PARAMETER_REPEATED),
    M.CODE_AND_ERROR: Told(FlowReason.PARAMETER_MALFORMED),
    M.NEITHER_CODE_NOR_ERROR: Told(FlowReason.PARAMETER_MISSING),
    M.NO_ID_TOKEN: Told(FlowReason.ID_TOKEN_MISSING),
    M.TOKEN_200_ERROR: Told(FlowReason.CODE_REFUSED),
    M.USERINFO_OTHER_SUB: Told(FlowReason.SUBJECT_MISMATCH),
    M.USERINFO_WITHOUT_SUB: Told(FlowReason.SUBJECT_MISMATCH),
    M.USERINFO_401: Told(FlowReason.USERINFO_REFUSED),
}
FAILED: dict[Misbehaviour, type[AuthError]] = {
    M.TOKEN_TYPE_MAC: PROTOCOL,
    M.ACCESS_TOKEN_NOT_TEXT: PROTOCOL,
    M.EXPIRES_IN_NEGATIVE: PROTOCOL,
    M.TOKEN_HTML: PROTOCOL,
    M.TOKEN_EMPTY: PROTOCOL,
    M.TOKEN_REDIRECT: PROTOCOL,
    M.USERINFO_HTML: PROTOCOL,
    M.TOKEN_500: OUTAGE,
    M.USERINFO_500: OUTAGE,
    M.HUGE_JWKS: OUTAGE,
    M.JWKS_500: OUTAGE,
}
NOT_BEGUN = (M.DISCOVERY_WRONG_ISSUER, M.DISCOVERY_500)
# Tolerated: one key needs no id; PKCE is sent whoever announces it; we asked for no fresh authentication.
BORNE = (
    *(M.NO_KID, M.EXPIRES_IN_AS_TEXT, M.METADATA_WITHOUT_PKCE),
    *(M.OLD_AUTH_TIME, M.MISSING_AUTH_TIME, M.AUTH_TIME_IN_FUTURE),
)
# Those of logout tokens spoil no sign-in; ``test_attacks_e_backchannel`` judges them.
OF_LOGOUT_TOKENS = tuple(
    each for each in Misbehaviour if each.name.startswith("LOGOUT_") and each is not M.LOGOUT_TOKEN_TYP
)
BEFORE_THE_TOKEN_REQUEST = (
    FlowReason.ISS_MISMATCH,
    FlowReason.ISS_MISSING,
    FlowReason.PARAMETER_MALFORMED,
    FlowReason.PARAMETER_MISSING,
    FlowReason.PARAMETER_REPEATED,
    FlowReason.STATE_MISMATCH,
)


async def test_every_misbehaviour_is_judged() -> None:
    judged = [*REFUSED, *FAILED, *NOT_BEGUN, *BORNE, *OF_LOGOUT_TOKENS]

    assert sorted(judged, key=str) == sorted(Misbehaviour, key=str)


@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: fault.name)
async def test_a_misbehaving_provider_signs_nobody_in(fault: Misbehaviour) -> None:
    async with open_desk() as desk:
        alice = await desk.create("alice")
        started, parameters = await _misbehave(desk, fault)

        with pytest.raises(FlowRefusedError) as refusal:
            await desk.call_back(started, parameters, tokens=(alice,))

        told = REFUSED[fault]
        assert refusal.value.code is told.reason
        assert (refusal.value.expected or "").startswith(told.expected)
        assert desk.people.wire.paths["/token"] == (told.reason not in BEFORE_THE_TOKEN_REQUEST)
        await _expect_nothing_happened(desk, alice)


@pytest.mark.parametrize("fault", FAILED, ids=lambda fault: fault.name)
async def test_a_provider_that_cannot_be_understood_signs_nobody_in(fault: Misbehaviour) -> None:
    async with open_desk() as desk:
        alice = await desk.create("alice")
        started, parameters = await _misbehave(desk, fault)

        with pytest.raises(FAILED[fault]):
            await desk.call_back(started, parameters, tokens=(alice,))

        await _expect_nothing_happened(desk, alice)


@pytest.mark.parametrize("fault", NOT_BEGUN, ids=lambda fault: fault.name)
async def test_a_provider_without_sound_metadata_is_away(fault: Misbehaviour) -> None:
    async with open_desk() as desk:
        desk.people.idp.misbehave(fault)

        with pytest.raises(BackendUnavailableError):
            await desk.start()

        desk.people.idp.misbehave()
        assert (await desk.sign_in()).issued.token


@pytest.mark.parametrize("fault", BORNE, ids=lambda fault: fault.name)
async def test_what_is_harmless_is_borne(fault: Misbehaviour) -> None:
    async with open_desk() as desk:
        desk.people.idp.misbehave(fault)

        assert (await desk.sign_in()).issued.user.name == "Alice Example"


async def _misbehave(desk: Desk, fault: Misbehaviour) -> tuple[SigninStarted, Parameters]:
    """Begin a sign-in at a provider that is sound, and go on at one that misbehaves."""
    started = await desk.start()
    desk.people.idp.misbehave(fault)
    person = ASKS_USERINFO if fault.name.startswith("USERINFO") else "bob"
    return started, await desk.agree(started, person)


async def _expect_nothing_happened(desk: Desk, alice: str) -> None:
    """Nobody came in, and alice, whose browser it was, is still who she was."""
    outcome = await desk.who(alice)
    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.name == "Alice Example"
    assert len(desk.kept("auth/session/")) == 1
    assert desk.kept("auth/grant/") == []
