"""What the answer about a session must be, and which answers are wrong."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

_OK, _UNAVAILABLE, _SERVER_ERROR = 200, 503, 500


@dataclass(slots=True)
class Truth:
    """What is known of one session, in seconds of one clock.

    Attributes:
        person: The name by which the person is known here.
        user_id: The id that the service gave them.
        ending_since: When somebody first asked for its end; from then on it may be over.
        ended_at: When somebody was told of its end; from then on it must be over.
    """

    person: str
    user_id: str
    ending_since: float = math.inf
    ended_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody asked and was told.

    Attributes:
        asked_at: Before the request was sent.
        answered_at: After the answer was read.
        status: Of HTTP.
        retry_after: The header, if there was one.
        sets_cookie: Whether the answer sets or deletes one.
        authenticated: What it says; ``None`` where it says nothing.
        user_id: Whom it names; ``None`` for nobody.
    """

    asked_at: float
    answered_at: float
    status: int
    retry_after: str | None = None
    sets_cookie: bool = False
    authenticated: bool | None = None
    user_id: str | None = None


@dataclass(slots=True)
class Outages:
    """When the store was away.

    Args:
        grace: For how many seconds after it is back an answer may still be that it is away.
    """

    grace: float
    spans: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def begin(self, now: float) -> None:
        """Note that the store is being taken away."""
        self.spans.append((now, math.inf))

    def end(self, now: float) -> None:
        """Note that the store is back."""
        begun, _ = self.spans[-1]
        self.spans[-1] = (begun, now)

    def excuse(self, answer: Answer) -> bool:
        """Whether the store was away at some moment between question and answer."""
        return any(
            begun <= answer.answered_at and answer.asked_at <= ended + self.grace
            for begun, ended in self.spans
        )


def fault_of_status(answer: Answer, outages: Outages, expected: Sequence[int]) -> str | None:
    """Return what is wrong with a status, or ``None``: as expected, or a sound 503 of an outage."""
    if answer.status in expected:
        return None
    if answer.status != _UNAVAILABLE:
        kind = "a fault of the service" if answer.status >= _SERVER_ERROR else "an unexpected answer"
        return f"{kind}: {answer.status}"
    if not outages.excuse(answer):
        return "503 while the store is there"
    if not (answer.retry_after or "").isdigit():
        return "503 without Retry-After"
    return "503 that touches a cookie" if answer.sets_cookie else None


def fault_of_read(truth: Truth, answer: Answer, outages: Outages) -> str | None:
    """Return what is wrong with an answer about who is signed in, or ``None``."""
    if answer.status != _OK:
        return fault_of_status(answer, outages, (_OK,))
    if answer.authenticated is None:
        return "an answer that says nothing"
    if answer.authenticated and answer.user_id != truth.user_id:
        return "the identity of somebody else"
    if answer.authenticated and answer.asked_at > truth.ended_at:
        return "a session that ended is signed in"
    if not answer.authenticated and answer.answered_at < truth.ending_since:
        return "a session that lives is signed out"
    return None
