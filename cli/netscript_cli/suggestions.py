"""What somebody may have meant."""

from collections.abc import Sequence
from difflib import get_close_matches


def what_there_is(name: str, known: Sequence[str]) -> str:
    """Return what to tell about a name that there is not: what comes close, and all that there are."""
    close = get_close_matches(name.lower(), known, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}there are: {', '.join(known) or 'none'}"
