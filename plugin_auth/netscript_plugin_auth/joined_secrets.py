"""The sealed secrets of several backends as one."""

from collections.abc import Iterable, Sequence

from netscript_auth_core.ports import KeyState, SealedSecrets, SealedSecretsPort, SealingRound


def joined_secrets(parts: Iterable[SealedSecretsPort | None]) -> SealedSecretsPort | None:
    """Return one part for those that are there; ``None`` for none."""
    there = [part for part in parts if part is not None]
    return _Joined(there) if there else None


class _Joined:
    def __init__(self, parts: Sequence[SealedSecretsPort]) -> None:
        self._parts = parts

    async def count(self) -> Sequence[SealedSecrets]:
        """Return every key once, with what it seals of all."""
        sums: dict[tuple[str, KeyState], int] = {}
        for part in self._parts:
            for each in await part.count():
                sums[each.key_id, each.state] = sums.get((each.key_id, each.state), 0) + each.count
        ordered = sorted(sums, key=lambda key: key[1] is KeyState.MISSING)
        return [SealedSecrets(key_id, state, sums[key_id, state]) for key_id, state in ordered]

    async def seal_anew(self) -> SealingRound:
        """Do a round of each."""
        rounds = [await part.seal_anew() for part in self._parts]
        return SealingRound(sum(each.sealed for each in rounds), all(each.is_done for each in rounds))
