"""The goals of all benchmarks, and whether they were reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for one number of a benchmark.

    Attributes:
        benchmark: Its name.
        path: Where the number is in its JSON.
        words: What it is.
        bound: What it has to reach.
        is_least: Whether the number has to be at least the bound; else at most.
    """

    benchmark: str
    path: tuple[str, ...]
    words: str
    bound: float
    is_least: bool = True

    def measured(self, numbers: Mapping[str, Any]) -> float | None:
        """Return the number; ``None`` where it was not measured."""
        found: Any = numbers
        for key in self.path:
            if not isinstance(found, Mapping) or key not in found:
                return None
            found = found[key]  # pyright: ignore[reportUnknownVariableType] - JSON
        return float(found)  # pyright: ignore[reportUnknownArgumentType] - JSON

    def is_reached(self, number: float) -> bool:
        """Whether a number reaches the bound."""
        return number >= self.bound if self.is_least else number <= self.bound


GOALS: Final[Sequence[Goal]] = (
    Goal("session_check", ("sqlite", "ratio"), "/session on SQLite, of raw ASGI", 0.60),
    Goal("session_check", ("redis", "ratio"), "/session on Redis, of raw ASGI", 0.60),
    Goal("session_check", ("sqlite", "p99_ratio"), "/session on SQLite, p99", 2.5, is_least=False),
    Goal("session_check", ("redis", "p99_ratio"), "/session on Redis, p99", 2.5, is_least=False),
    Goal("session_check", ("again", "ratio"), "/session given again for 10 s, of raw ASGI", 0.75),
    Goal("session_check", ("times", "better-auth"), "/session, times better-auth", 25),
    Goal("session_check", ("times", "fastapi-users"), "/session, times fastapi-users", 25),
    Goal("forward_auth", ("sqlite", "ratio"), "/verify on SQLite, of raw ASGI", 0.60),
    Goal("forward_auth", ("redis", "ratio"), "/verify on Redis, of raw ASGI", 0.60),
    Goal("forward_auth", ("again", "ratio"), "/verify given again for 10 s, of raw ASGI", 0.75),
    Goal("bearer_check", ("ratio",), "warm ES256 token, of raw ASGI", 0.70),
    Goal("session_growth", ("sqlite, 1,000,000", "ratio"), "check of 1,000,000, SQLite", 1.3, is_least=False),
    Goal("session_growth", ("redis, 1,000,000", "ratio"), "check of 1,000,000, Redis", 1.3, is_least=False),
    Goal("memory", ("sqlite, 1,000,000", "ratio"), "worker with 1,000,000, SQLite", 1.3, is_least=False),
    Goal("memory", ("redis, 1,000,000", "ratio"), "worker with 1,000,000, Redis", 1.3, is_least=False),
    Goal("cold_start", ("cold_start",), "first answer, of bare FastAPI", 1.2, is_least=False),
    Goal("command_start", ("help_ms",), "netscript --help, in ms", 200, is_least=False),
    Goal("command_start", ("list_ms",), "netscript plugin list, in ms", 400, is_least=False),
    Goal("cold_start", ("memory",), "memory, of bare FastAPI", 1.3, is_least=False),
)


def judged(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a row for each goal, by the JSON of each benchmark that ran."""
    rows = [f"{'':<44}{'measured':>10}{'goal':>12}"]
    for goal in GOALS:
        number = goal.measured(results.get(goal.benchmark, {}))
        bound = f"{'>=' if goal.is_least else '<='} {goal.bound:g}"
        told, verdict = ("-", "not measured")
        if number is not None:
            told, verdict = f"{number:.3g}", "reached" if goal.is_reached(number) else "NOT reached"
        rows.append(f"{goal.words:<44}{told:>10}{bound:>12}  {verdict}")
    return rows
