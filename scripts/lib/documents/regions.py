"""Parts of a page that are generated, each between two comments that name it."""

import re


class RegionMissingError(Exception):
    """A page has not exactly one place for what is generated."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no single place for {name!r}: it begins with {_begin(name)} and ends with {_END}")


def with_region(page: str, name: str, text: str) -> str:
    """Return a page with what is generated in its place.

    Args:
        page: The whole page.
        name: Of the place.
        text: What belongs there.

    Raises:
        RegionMissingError: the page has no such place, or more than one.
    """
    begin, end = re.escape(_begin(name)), re.escape(_END)
    place = re.compile(rf"^{begin}$.*?^{end}$", re.MULTILINE | re.DOTALL)
    if len(place.findall(page)) != 1:
        raise RegionMissingError(name)
    return place.sub(lambda _: f"{_begin(name)}\n\n{text}\n\n{_END}", page)


def _begin(name: str) -> str:
    return f"<!-- {name}: written by scripts/docs -->"


_END = "<!-- end -->"
