"""Runs tasks in a child, and in the next one where one of them broke it: no plugin breaks another."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from netscript_cli.isolation.child import IsolatedProcess
from netscript_cli.isolation.tasks import Outcome, Task

LIMIT: Final = timedelta(seconds=10)
"""For each task: importing a plugin and all that it imports, or one of its checks."""

_NOT_TRIED: Final = Outcome(broken="was not tried, since an earlier look at it did not end", hung=True)
_NOTHING_SET: Final[Mapping[str, str]] = MappingProxyType({})


class Isolation:
    """Where the tasks of one command are done, one after the other in as few processes as can be.

    Most of the time of a task is the start of a Python that imports what all plugins need.

    Args:
        root: Where modules are imported from, before all others.
        probes: All that its tasks will name. They are imported before anything of a plugin.
        limit: For each task; the process and all that it started are killed then.
        variables: What tasks find in the environment beside what is there.
    """

    def __init__(
        self,
        root: Path,
        probes: Iterable[str],
        limit: timedelta = LIMIT,
        variables: Mapping[str, str] = _NOTHING_SET,
    ) -> None:
        self.root = root
        self._probes = frozenset(probes)
        self._seconds = limit.total_seconds()
        self._variables = variables
        self._hung: set[str] = set()
        self._held = ExitStack()
        self._child: IsolatedProcess | None = None

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing of it."""
        self._drop()

    def run(self, tasks: Sequence[Task]) -> tuple[Outcome, ...]:
        """Do all tasks, and return what came of each, in their order.

        Args:
            tasks: Of any number of plugins.
        """
        done: dict[int, Outcome] = {}
        while pending := self._pending(tasks, done):
            child = self._running_child()
            outcomes = child.done([tasks[at] for at in pending], self._seconds)
            for at, outcome in zip(pending, outcomes, strict=False):
                done[at] = outcome
                if outcome.hung:
                    self._hung.add(tasks[at].owner)
            if not child.is_usable:
                self._drop()
        return tuple(done.get(at, _NOT_TRIED) for at in range(len(tasks)))

    def _pending(self, tasks: Sequence[Task], done: Mapping[int, Outcome]) -> Sequence[int]:
        return [at for at in range(len(tasks)) if at not in done and tasks[at].owner not in self._hung]

    def _running_child(self) -> IsolatedProcess:
        if self._child is None:
            self._child = self._held.enter_context(IsolatedProcess(self.root, self._probes, self._variables))
        return self._child

    def _drop(self) -> None:
        self._child = None
        self._held.close()


def run_tasks(
    root: Path,
    tasks: Sequence[Task],
    limit: timedelta = LIMIT,
    variables: Mapping[str, str] = _NOTHING_SET,
) -> tuple[Outcome, ...]:
    """Do tasks that are all that is to be done, and return what came of each, as :class:`Isolation` does."""
    with Isolation(root, {task.probe for task in tasks}, limit, variables) as isolation:
        return isolation.run(tasks)
