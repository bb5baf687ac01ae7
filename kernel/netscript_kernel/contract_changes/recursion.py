"""Definitions that lead back to themselves: a pair of them is told where it is met first."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from netscript_kernel.contract_changes.change import Difference

Pair: TypeAlias = tuple[str, str]


class PairsOfDefinitions:
    """Remembers what is known of an old definition against a new one.

    A pair that is met again within itself has no differences there: they are told where it was met first.
    """

    def __init__(self) -> None:
        self._known: dict[Pair, list[Difference]] = {}
        # Pairs that are being compared, and at which depth the outermost one began that they lead back to.
        self._open: dict[Pair, int] = {}
        self._depth = 0
        self._outermost = 0

    def differences(self, pair: Pair, judge: Callable[[], list[Difference]]) -> list[Difference]:
        """Return the differences of a pair.

        Args:
            pair: The names of the two.
            judge: Finds them, with their places within the pair.
        """
        if pair in self._known:
            return self._known[pair]
        if pair in self._open:
            self._outermost = min(self._outermost, self._open[pair])
            return []
        before = self._outermost
        self._depth += 1
        depth = self._outermost = self._open[pair] = self._depth
        found = judge()
        self._depth -= 1
        if self._outermost < depth:  # known only together with what it leads back to
            self._open[pair] = self._outermost
            self._outermost = min(before, self._outermost)
            return found
        self._known[pair] = found
        self._open = {each: begun for each, begun in self._open.items() if begun < depth}
        self._outermost = before
        return found

    @contextmanager
    def without_telling(self) -> Generator[None]:
        """Let something be tried: what is found is not told, so no pair counts as told afterwards."""
        kept = dict(self._open)
        try:
            yield
        finally:
            self._open = kept
