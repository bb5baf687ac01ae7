"""Whatever happens in whatever order: what ended stays ended, nothing ends without a reason."""

from collections import Counter
from datetime import timedelta
from typing import TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kv_oauth.lives import DUE, Lives, open_lives, refreshes
from tests.support.valkey import Valkey

OK = 200
RETRY = timedelta(minutes=5)
TOLD_FOR = timedelta(hours=20)  # of the day for which a provider is told again
KINDS = (
    *("read", "read", "refresh", "use and refresh at once", "use refresh and revoke at once"),
    *("revoke", "revoke all", "sign out", "sign out everywhere", "sign in", "sign in again"),
    *("provider ends it", "outage", "lose an answer", "crash", "restart", "upkeep"),
)
WAITS = (1, 61, 301, 301, 301, 3600, 20_000)
STEPS = st.one_of(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.sampled_from(WAITS), st.just(0)),
)
LIVES = st.lists(STEPS, max_size=30)
Steps: TypeAlias = list[tuple[str, int, int]]


def _a_share_of_the_profile(share: int) -> settings:
    """Fewer examples, since each is a whole life with many sign-ins."""
    return settings(
        max_examples=max(1, settings().max_examples // share), suppress_health_check=[HealthCheck.too_slow]
    )


@_a_share_of_the_profile(3)
@given(LIVES)
async def test_every_session_ends_for_a_reason_and_stays_so(steps: Steps) -> None:
    async with open_lives() as lives:
        await _live(lives, steps)


@_a_share_of_the_profile(10)
@given(LIVES)
async def test_on_a_server_which_others_reach_meanwhile_it_is_no_different(
    redis_server: Valkey, steps: Steps
) -> None:
    redis_server.empty()
    async with open_lives(redis_server.url) as lives:
        await _live(lives, steps)


async def _live(lives: Lives, steps: Steps) -> None:
    for kind, which, process in steps:
        await lives.step(kind, which, process)
    await _let_everybody_be_refreshed(lives)

    await _expect_two_processes_to_agree(lives)
    _expect_no_token_to_have_been_spent_twice(lives)
    await _expect_the_provider_to_have_been_told(lives)


async def _let_everybody_be_refreshed(lives: Lives) -> None:
    """Twice, so that whatever happened shows; the provider answers again."""
    lives.desk.people.wire.is_cut = False
    for process in (0, 1):
        await lives.step("wait", DUE, 0)
        for which in range(len(lives.lives)):
            await lives.step("read", which, process)
        await lives.settle()


async def _expect_two_processes_to_agree(lives: Lives) -> None:
    """And a restart in between to change nothing."""
    for life in lives.lives:
        answers = [await lives.is_active(life, process) for process in (0, 1)]
        await lives.settle()
        await lives.step("restart", 0, 0)
        answers.append(await lives.is_active(life, 0))
        # A refresh behind the first answer may have found out that the provider has ended it.
        assert len(set(answers)) == 1 or life.is_ended_at_provider
        await lives.settle()


def _expect_no_token_to_have_been_spent_twice(lives: Lives) -> None:
    wire = lives.desk.people.wire
    codes = Counter(form["code"] for form in wire.forms("/token") if "code" in form)
    assert not [code for code, times in codes.items() if times > 1]
    sent = [(token, id(request)) for request in wire.requests for token in refreshes([request])]
    succeeded = {id(request) for request, status in wire.answered if status == OK}
    again = [
        token
        for at, (token, request) in enumerate(sent)
        if request in succeeded and token in {later for later, _ in sent[at + 1 :]}
    ]
    assert not again, "whoever has its successor sends a refresh token never again"


async def _expect_the_provider_to_have_been_told(lives: Lives) -> None:
    await lives.step("wait", int(RETRY.total_seconds()), 0)
    for process in (0, 1):
        await lives.step("upkeep", 0, process)
    for life in lives.lives:
        is_told = life.signed_out_at is not None and lives.now - life.signed_out_at < TOLD_FOR
        if is_told and not life.may_have_lost_a_token:
            assert life.at_provider.ended, "something is left at the provider that could be refreshed"
