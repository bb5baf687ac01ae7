"""Which key signs when. Every worker comes to the same result from the same keys and the time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from netscript_plugin_auth.tokens.key_records import SigningKey


class Period(NamedTuple):
    """From when until when a key signs."""

    begin: datetime
    end: datetime


def current_key(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """Return the key that signs: of those whose time it is, the one that began last."""
    signing = [key for key in keys if key.signs_at(now)]
    return max(signing, key=lambda key: key.record.signs_from) if signing else None


def next_key(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """Return the key that signs after that, if there is one."""
    later = [key for key in keys if key.private is not None and key.record.signs_from > now]
    return min(later, key=lambda key: key.record.signs_from) if later else None


def missing_periods(keys: Sequence[SigningKey], now: datetime, length: timedelta) -> list[Period]:
    """Return the periods for which keys have to be made: there is always one that signs, and the next one."""
    current = current_key(keys, now)
    if current is None:
        return two_periods(now, length)
    if next_key(keys, now) is not None:
        return []
    ending = current.record.signs_until
    return [Period(ending, ending + length)]


def two_periods(now: datetime, length: timedelta) -> list[Period]:
    """Return a period from now on, and the one after it."""
    return [Period(now, now + length), Period(now + length, now + 2 * length)]
