"""How long tokens and the keys that sign them may live."""

from datetime import timedelta
from typing import Final

SHORTEST_TTL: Final = timedelta(minutes=1)
LONGEST_TTL: Final = timedelta(minutes=15)

SHORTEST_PERIOD: Final = timedelta(days=1)
LONGEST_PERIOD: Final = timedelta(days=180)

SLACK: Final = timedelta(minutes=5)
"""For clocks of workers and services that differ, and for a token that is asked for as the key changes."""
