"""A rate as an operator writes it: ``300/m``, or ``off``."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator

_SYNTAX: Final = re.compile(r"\s*([0-9]{1,7})\s*/\s*([smh])\s*")
_PERIODS: Final = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_OFF: Final = "off"
# A sign-in is two requests, and a person may try again.
_FEWEST: Final = 10


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, and as many again, evenly, within each period."""

    requests: int
    period: timedelta

    def times(self, factor: int) -> "Rate":
        """Return a rate that is so many times as high."""
        return Rate(self.requests * factor, self.period)

    def divided_by(self, divisor: int) -> "Rate":
        """Return a rate that is a part of this one, but not lower than any rate may be."""
        return Rate(max(_FEWEST, self.requests // divisor), self.period)


def read_rate(value: object) -> object:
    """Read ``300/m``, or ``off`` as ``None``; leave anything but text to Pydantic.

    Raises:
        ValueError: with what is wrong, in words that do not repeat the value.
    """
    if not isinstance(value, str):
        return value
    if value.strip() == _OFF:
        return None
    match = _SYNTAX.fullmatch(value)
    if match is None:
        raise ValueError("is not a rate such as 300/m")
    if int(match[1]) < _FEWEST:
        raise ValueError(f"is under {_FEWEST} requests, which keeps people from signing in")
    return Rate(int(match[1]), _PERIODS[match[2]])


RateOrOff: TypeAlias = Annotated[Rate | None, BeforeValidator(read_rate)]
