"""What WorkOS has just refused is not asked again at once: its rate limit belongs to everybody."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import anyio
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Denied, Outcome
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_workos.backend import WorkOSBackend
from netscript_auth_workos.refusals import KEPT, MOST, Refusals
from netscript_kernel.clock import SettableClock
from tests.workos.pretend_workos import NOT_FOUND, PretendWorkOS, answers, open_pretend
from tests.workos.workos_desk import cookie_request, python_cookie

Pair = tuple[PretendWorkOS, WorkOSBackend]
LIFE = timedelta(minutes=5)
AUTHENTICATE, SESSIONS = "/authenticate", "/sessions"
REFUSAL = answers({"error": "invalid_grant"}, 400)
EXPIRED = Anonymous(AnonymousReason.SESSION_EXPIRED)


@pytest.fixture
async def pretend() -> AsyncGenerator[Pair]:
    async with open_pretend() as pair:
        yield pair


def _made_up(workos: PretendWorkOS, count: int = 40) -> list[AuthRequest]:
    """Return cookies with one token of one's own, and a refresh token that nobody gave out."""
    signed_in = workos.signed_in()
    return [
        cookie_request(python_cookie({**signed_in, "refresh_token": f"made-up-{number}"}))
        for number in range(count)
    ]


async def _at_once(backend: WorkOSBackend, requests: list[AuthRequest]) -> list[Outcome]:
    outcomes: list[Outcome] = []

    async def ask(request: AuthRequest) -> None:
        outcomes.append(await backend.authenticate(request))

    async with anyio.create_task_group() as group:
        for request in requests:
            group.start_soon(ask, request)
    return outcomes


async def _let_others_go_first() -> None:
    for _ in range(20):
        await anyio.lowlevel.checkpoint()


def _forget(workos: PretendWorkOS) -> None:
    workos.requests.clear()


async def test_made_up_refresh_tokens_of_one_session_make_us_ask_once(pretend: Pair) -> None:
    workos, backend = pretend
    requests = _made_up(workos)
    await backend.authenticate(requests[0])
    workos.clock.advance(LIFE)
    workos.overrides[AUTHENTICATE] = REFUSAL
    _forget(workos)

    outcomes = [await backend.authenticate(request) for request in requests]

    assert outcomes == [EXPIRED] * len(requests)
    assert (workos.count(AUTHENTICATE), workos.count(SESSIONS)) == (1, 1)


async def test_made_up_refresh_tokens_that_come_at_once_make_us_ask_once(pretend: Pair) -> None:
    workos, backend = pretend
    requests = _made_up(workos)
    await backend.authenticate(requests[0])
    workos.clock.advance(LIFE)
    workos.overrides[AUTHENTICATE] = REFUSAL
    workos.meanwhile = {AUTHENTICATE: _let_others_go_first, SESSIONS: _let_others_go_first}
    _forget(workos)

    outcomes = await _at_once(backend, requests)

    assert outcomes == [EXPIRED] * len(requests)
    assert (workos.count(AUTHENTICATE), workos.count(SESSIONS)) == (1, 1)


async def test_after_a_minute_a_session_that_was_refused_may_be_renewed(pretend: Pair) -> None:
    workos, backend = pretend
    made_up, true = _made_up(workos, 1)[0], cookie_request(workos.cookie())
    workos.clock.advance(LIFE)
    workos.overrides[AUTHENTICATE] = REFUSAL
    await backend.authenticate(made_up)
    del workos.overrides[AUTHENTICATE]
    workos.clock.advance(KEPT - timedelta(seconds=1))
    early = await backend.authenticate(true)
    workos.clock.advance(timedelta(seconds=1))

    outcome = await backend.authenticate(true)

    assert early == EXPIRED
    assert isinstance(outcome, Authenticated)


async def test_an_older_token_of_a_session_keeps_nobody_from_renewing_it_by_a_newer_one(
    pretend: Pair,
) -> None:
    workos, backend = pretend
    stolen = _made_up(workos, 1)[0]
    workos.clock.advance(timedelta(seconds=1))
    true = cookie_request(workos.cookie())
    workos.clock.advance(LIFE)
    workos.overrides[AUTHENTICATE] = REFUSAL
    await backend.authenticate(stolen)
    del workos.overrides[AUTHENTICATE]

    outcome = await backend.authenticate(true)

    assert isinstance(outcome, Authenticated)


async def test_a_made_up_refresh_token_beside_the_true_one_takes_nothing_from_it(pretend: Pair) -> None:
    workos, backend = pretend
    true, made_up = cookie_request(workos.cookie()), _made_up(workos, 3)
    workos.clock.advance(LIFE)
    workos.meanwhile[AUTHENTICATE] = _let_others_go_first

    outcomes = await _at_once(backend, [true, *made_up, true])

    assert len([each for each in outcomes if isinstance(each, Authenticated)]) >= 2


@pytest.mark.parametrize("is_due", [False, True], ids=["still good", "over"])
@pytest.mark.parametrize("come", ["one by one", "at once"])
async def test_about_a_session_that_workos_does_not_list_it_is_asked_once_a_minute(
    pretend: Pair, come: str, *, is_due: bool
) -> None:
    workos, backend = pretend
    requests = _made_up(workos, 20)
    workos.clock.advance(LIFE if is_due else timedelta(0))
    workos.overrides[SESSIONS] = NOT_FOUND
    workos.meanwhile[SESSIONS] = _let_others_go_first

    if come == "at once":
        outcomes = await _at_once(backend, requests)
    else:
        outcomes = [await backend.authenticate(request) for request in requests]

    reason = AnonymousReason.SESSION_EXPIRED if is_due else AnonymousReason.SESSION_REVOKED
    assert outcomes == [Anonymous(reason)] * len(requests)
    assert (workos.count(SESSIONS), workos.count(AUTHENTICATE)) == (1, 0)
    workos.clock.advance(KEPT)
    await backend.authenticate(requests[0])
    assert workos.count(SESSIONS) == 2


async def test_about_a_session_of_an_impersonator_workos_is_asked_once_a_minute(pretend: Pair) -> None:
    workos, backend = pretend
    listed = [{**workos.session, "impersonator": {"email": "admin@acme.test", "reason": "support"}}]
    workos.overrides[SESSIONS] = answers({"data": listed, "list_metadata": {}})
    request = cookie_request(workos.cookie())

    outcomes = [await backend.authenticate(request) for _ in range(5)]

    assert outcomes == [Denied(DenialReason.IMPERSONATION)] * 5
    assert workos.count(SESSIONS) == 1


async def test_a_list_that_could_not_be_had_is_asked_for_again_at_once(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    workos.overrides[SESSIONS] = answers({"message": "Too many"}, 429)
    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(request)
    del workos.overrides[SESSIONS]

    outcome = await backend.authenticate(request)

    assert isinstance(outcome, Authenticated)


async def test_of_a_token_that_no_browser_can_have_kept_workos_is_not_asked(pretend: Pair) -> None:
    workos, backend = pretend
    requests = _made_up(workos, 2)
    workos.clock.advance(timedelta(days=401))

    outcomes = [await backend.authenticate(request) for request in requests]

    assert outcomes == [EXPIRED, EXPIRED]
    assert (workos.count(SESSIONS), workos.count(AUTHENTICATE)) == (0, 0)


def test_of_many_refusals_the_oldest_makes_room() -> None:
    refusals = Refusals[str](SettableClock())

    for number in range(MOST + 1):
        refusals.note(f"session_{number}", "no")

    assert refusals.of("session_0") is None
    assert refusals.of("session_1") == refusals.of(f"session_{MOST}") == "no"
