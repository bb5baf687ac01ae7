"""Whether worker processes keep more and more memory."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SECONDS = 60.0
_SETTLING = 1 / 3  # caches fill at first
_MOST_SHARE, _MOST_MIB = 0.05, 4.0


@dataclass(frozen=True, slots=True)
class Growth:
    """How the memory of one worker changed.

    Attributes:
        first_mib: At the first look.
        last_mib: At the last one.
        mib_per_hour: Slope of the line through what was seen after the first third.
        is_flat: Whether that line rises by less than 5 % and 4 MiB over what it covers; ``None`` where it
            covers too little to tell.
    """

    first_mib: float
    last_mib: float
    mib_per_hour: float
    is_flat: bool | None


def growth_of(samples: Sequence[tuple[float, float]]) -> Growth:
    """Judge what was seen of one worker: pairs of seconds and MiB, in order."""
    settled = samples[int(len(samples) * _SETTLING) :]
    seconds, sizes = zip(*settled, strict=True)
    slope = statistics.linear_regression(seconds, sizes).slope if len(set(seconds)) > 1 else 0.0
    covered = seconds[-1] - seconds[0]
    most = statistics.mean(sizes) * _MOST_SHARE + _MOST_MIB
    is_flat = slope * covered < most if samples[-1][0] - samples[0][0] >= LEAST_SECONDS else None
    return Growth(samples[0][1], samples[-1][1], slope * 3600, is_flat)
