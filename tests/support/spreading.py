"""How tests are spread over processes."""

from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]


class FilesAndGroups(LoadGroupScheduling):  # type: ignore[misc]  # it has no types
    """Gives a process a whole file, or a whole group: one test at a time costs more than most tests do.

    For each piece xdist counts anew all that it has given away before, and the process waits meanwhile.
    """

    def _split_scope(self, nodeid: str) -> str:
        scope = str(super()._split_scope(nodeid))
        return nodeid.partition("::")[0] if scope == nodeid else scope
