"""The upkeep of several backends as one."""

from collections.abc import Iterable, Sequence

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import UpkeepPort


def joined_upkeep(parts: Iterable[UpkeepPort | None]) -> UpkeepPort | None:
    """Return one part for those that are there; ``None`` for none."""
    there = [part for part in parts if part is not None]
    return _Joined(there) if there else None


class _Joined:
    def __init__(self, parts: Sequence[UpkeepPort]) -> None:
        self._parts = parts

    async def run(self) -> None:
        """Do a round of each, whatever the others say."""
        failure: BackendUnavailableError | None = None
        for part in self._parts:
            try:
                await part.run()
            except BackendUnavailableError as error:
                failure = error
        if failure is not None:
            raise failure
