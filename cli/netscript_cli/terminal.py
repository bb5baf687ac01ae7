"""Words that go to a terminal, and may be a stranger's."""


def in_one_line(words: str) -> str:
    """Return words in one line that moves nothing on a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())
