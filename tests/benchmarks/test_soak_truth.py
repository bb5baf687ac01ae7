"""The soak's judge finds each kind of wrong answer, and blames no right one."""

import pytest

from benchmarks.soaking.truth import Answer, Outages, Truth, fault_of_read, fault_of_status

ALICE, BOB = "usr_alice", "usr_bob"
NEVER_AWAY = Outages(grace=5.0)


def _live() -> Truth:
    return Truth("alice", ALICE)


def _ended(since: float, at: float) -> Truth:
    return Truth("alice", ALICE, ending_since=since, ended_at=at)


def _signed_in(asked_at: float, answered_at: float, user_id: str | None = ALICE) -> Answer:
    return Answer(asked_at, answered_at, 200, authenticated=True, user_id=user_id)


def _nobody(asked_at: float, answered_at: float) -> Answer:
    return Answer(asked_at, answered_at, 200, authenticated=False)


def _away(from_: float, to: float) -> Outages:
    outages = Outages(grace=5.0)
    outages.begin(from_)
    outages.end(to)
    return outages


def test_a_session_that_ended_and_is_signed_in_is_a_fault() -> None:
    fault = fault_of_read(_ended(since=10, at=11), _signed_in(11.5, 12), NEVER_AWAY)

    assert fault == "a session that ended is signed in"


def test_a_session_that_lives_and_is_signed_out_is_a_fault() -> None:
    fault = fault_of_read(_live(), _nobody(11, 12), NEVER_AWAY)

    assert fault == "a session that lives is signed out"


def test_a_session_that_is_signed_out_before_anybody_asked_for_it_is_a_fault() -> None:
    fault = fault_of_read(_ended(since=12.5, at=13), _nobody(11, 12), NEVER_AWAY)

    assert fault == "a session that lives is signed out"


@pytest.mark.parametrize("user_id", [BOB, None])
def test_anybody_elses_identity_is_a_fault_even_while_a_session_ends(user_id: str | None) -> None:
    for truth in (_live(), _ended(since=10, at=20)):
        fault = fault_of_read(truth, _signed_in(11, 12, user_id), NEVER_AWAY)

        assert fault == "the identity of somebody else"


@pytest.mark.parametrize(
    ("truth", "answer"),
    [
        (_live(), _signed_in(1, 2)),
        (_ended(since=10, at=11), _nobody(11.5, 12)),
        (_ended(since=10, at=11), _signed_in(9, 12)),  # asked before it had ended
        (_ended(since=10, at=11), _nobody(9, 10.5)),  # may have ended already
    ],
)
def test_a_right_answer_is_none(truth: Truth, answer: Answer) -> None:
    assert fault_of_read(truth, answer, NEVER_AWAY) is None


def test_an_outage_makes_no_wrong_answer_right() -> None:
    outages = _away(10, 13)

    assert fault_of_read(_live(), _nobody(11, 12), outages) == "a session that lives is signed out"
    assert fault_of_read(_ended(1, 2), _signed_in(11, 12), outages) == "a session that ended is signed in"


def test_an_answer_that_says_nothing_is_a_fault() -> None:
    assert fault_of_read(_live(), Answer(1, 2, 200), NEVER_AWAY) == "an answer that says nothing"


@pytest.mark.parametrize("status", [500, 501, 502, 504])
def test_no_outage_excuses_another_5xx_than_503(status: int) -> None:
    fault = fault_of_status(Answer(11, 12, status, retry_after="1"), _away(10, 13), (200,))

    assert fault == f"a fault of the service: {status}"


@pytest.mark.parametrize("status", [302, 401, 404, 429])
def test_another_answer_than_the_expected_one_is_a_fault(status: int) -> None:
    fault = fault_of_read(_live(), Answer(11, 12, status), _away(10, 13))

    assert fault == f"an unexpected answer: {status}"


@pytest.mark.parametrize(("asked_at", "answered_at"), [(1, 9.9), (18.1, 19)])
def test_a_503_while_the_store_is_there_is_a_fault(asked_at: float, answered_at: float) -> None:
    fault = fault_of_status(Answer(asked_at, answered_at, 503, retry_after="1"), _away(10, 13), (200,))

    assert fault == "503 while the store is there"


@pytest.mark.parametrize(("asked_at", "answered_at"), [(9, 10), (11, 12), (17.9, 30)])
def test_a_503_with_retry_after_while_it_is_away_is_none(asked_at: float, answered_at: float) -> None:
    answer = Answer(asked_at, answered_at, 503, retry_after="1")

    assert fault_of_read(_live(), answer, _away(10, 13)) is None


def test_an_outage_that_lasts_excuses() -> None:
    outages = Outages(grace=5.0)
    outages.begin(10)

    assert outages.excuse(Answer(50, 51, 503))


@pytest.mark.parametrize("retry_after", [None, "", "soon", "-1"])
def test_a_503_that_does_not_say_when_to_come_back_is_a_fault(retry_after: str | None) -> None:
    fault = fault_of_status(Answer(11, 12, 503, retry_after), _away(10, 13), (200,))

    assert fault == "503 without Retry-After"


def test_a_503_that_touches_a_cookie_is_a_fault() -> None:
    answer = Answer(11, 12, 503, retry_after="1", sets_cookie=True)

    assert fault_of_status(answer, _away(10, 13), (200,)) == "503 that touches a cookie"
