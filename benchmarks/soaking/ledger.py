"""What was done, how long it took, and what was wrong."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from benchmarks.soaking.truth import Answer

_MOST_EXAMPLES = 20
_UNAVAILABLE = 503


@dataclass(slots=True)
class Ledger:
    """Kept by everybody who asks.

    Attributes:
        seconds: How long each answer took, by what was done.
        unavailable: How many answers were 503, by what was done.
        faults: How often each fault was seen.
        examples: Some of them: what was done, when, and the fault; no token is among it.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict[str, list[float]](list))
    unavailable: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    examples: list[str] = field(default_factory=list[str])

    def note(self, deed: str, answer: Answer, fault: str | None) -> None:
        """Write down an answer, and what is wrong with it."""
        self.seconds[deed].append(answer.answered_at - answer.asked_at)
        if answer.status == _UNAVAILABLE:
            self.unavailable[deed] += 1
        if fault:
            self.blame(deed, answer.answered_at, fault)

    def blame(self, deed: str, now: float, fault: str) -> None:
        """Write down a fault."""
        self.faults[fault] += 1
        if len(self.examples) < _MOST_EXAMPLES:
            self.examples.append(f"{now:.1f} s, {deed}: {fault}")

    @property
    def answers(self) -> int:
        """How many there were."""
        return sum(len(each) for each in self.seconds.values())
