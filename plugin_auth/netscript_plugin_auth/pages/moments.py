"""Times as people say them. All times are told in UTC: without a script, the page knows no other zone."""

from datetime import datetime, timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_LONG_AGO = timedelta(days=14)


def exactly(moment: datetime) -> str:
    """Return words such as ``3 March 2026, 14:05 UTC``."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def ago(moment: datetime, now: datetime) -> str:
    """Return words such as ``5 minutes ago``; for what is long past, the date."""
    passed = now - moment
    if passed < _MINUTE:
        return "just now"
    if passed < _HOUR:
        return _count(passed // _MINUTE, "minute")
    if passed < _DAY:
        return _count(passed // _HOUR, "hour")
    if passed < _LONG_AGO:
        return _count(passed // _DAY, "day")
    return f"on {moment.day} {moment:%B %Y}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"
