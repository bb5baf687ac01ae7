"""People with many sessions, whose truth is known at each moment."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from benchmarks.soaking.truth import Truth
from netscript_dev_provider.personas import PERSONAS, Persona

RESIDENTS: Final = 10
MOST_LIVE: Final = 60
_MOST_ENDED: Final = 200
_FROM_ENDED: Final = 0.2
_WHO: Final = ("alice", "bob", "unverified", "no-email")
# Who signs out everywhere now and then; the others have sessions that live for the whole run.
_LEAVERS: Final = ("unverified", "no-email")


@dataclass(frozen=True, slots=True)
class Held:
    """A session token, and what is known of its session.

    Attributes:
        since: When its holder got it.
    """

    token: str = field(repr=False)
    truth: Truth
    since: float


@dataclass(slots=True)
class Person:
    """Somebody at the provider.

    Attributes:
        user_id: As the service told it first; empty until then.
        live: Sessions whose end nobody asked for.
        unsure: Sessions whose end was asked for and not confirmed.
        ended: Sessions that have ended.
        changing: Held by whoever begins or ends sessions of this person, so that each outcome is known.
    """

    persona: Persona
    user_id: str = ""
    live: list[Held] = field(default_factory=list[Held])
    unsure: list[Held] = field(default_factory=list[Held])
    ended: list[Held] = field(default_factory=list[Held])
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def leaves(self) -> bool:
        """Whether this person signs out everywhere now and then."""
        return self.persona.key in _LEAVERS

    def gain(self, token: str) -> Held:
        """Keep a session that was just begun."""
        held = Held(token, Truth(self.persona.key, self.user_id), time.monotonic())
        self.live.append(held)
        return held

    def ask_to_end(self, held: Held) -> None:
        """From now on, a session may be over."""
        held.truth.ending_since = min(held.truth.ending_since, time.monotonic())
        if held in self.live:
            self.live.remove(held)
            self.unsure.append(held)

    def confirm(self, held: Held) -> None:
        """From now on, a session must be over."""
        held.truth.ended_at = time.monotonic()
        if held in self.unsure:
            self.unsure.remove(held)
        self.ended = [*self.ended[-_MOST_ENDED:], held]

    def to_end(self, random: Random) -> Held | None:
        """Choose a session to be ended: first one of which that is not sure yet; none where few are left."""
        if self.unsure:
            return self.unsure[0]
        kept = 1 if self.leaves else RESIDENTS
        return random.choice(self.live[kept:]) if len(self.live) > kept else None

    def to_read(self, random: Random) -> Held | None:
        """Choose a session to ask about: mostly one that lives."""
        lists = (self.live, self.unsure, self.ended)
        if self.ended and random.random() < _FROM_ENDED:
            return random.choice(self.ended)
        return random.choice(next((each for each in lists if each), [None]))


def everybody() -> list[Person]:
    """Return the people who soak."""
    return [Person(next(each for each in PERSONAS if each.key == key)) for key in _WHO]


class Pace:
    """Lets so many through in a second, evenly, and makes up for nothing that was missed.

    Args:
        per_second: ``math.inf`` for no limit.
        clock: Tells seconds.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 0.0 if math.isinf(per_second) else 1 / per_second
        self._clock = clock
        self._next = clock()

    def wait(self) -> float:
        """Take the next turn; return in how many seconds it comes."""
        now = self._clock()
        turn = max(self._next, now - self._interval)
        self._next = turn + self._interval
        return max(0.0, turn - now)
