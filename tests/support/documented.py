"""The blocks of the documented pages, handed to the test that runs them.

A test says by ``@pytest.mark.page(page, *infos)`` which blocks it takes, and gets them from the fixture
``page``; it fails where it leaves one of them. ``tests/workspace/test_documented_blocks.py`` sees that
every block of every page is some test's.
"""

import ast
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import cast

import pytest

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^ *```")
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        page: The file, from the root of the tree.
        info: What follows the fence: a language, and how it is used, such as ``sh server``.
        text: Without its indentation.
    """

    page: str
    info: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a test says that it runs: blocks of a page, by their info strings."""

    test: str
    page: str
    infos: tuple[str, ...]
    takes_them: bool


class Page:
    """The blocks of one page that a test has claimed, in their order."""

    def __init__(self, name: str, infos: tuple[str, ...]) -> None:
        self.name = name
        self._left = [block for block in blocks_of(name) if block.info in infos]

    def take(self, info: str) -> str:
        """Return the text of the next block with this info string."""
        block = next((block for block in self._left if block.info == info), None)
        assert block is not None, f"{self.name} has no further block {info!r}"
        self._left.remove(block)
        return block.text

    def take_all(self) -> Iterator[Block]:
        """Yield what is left, one after the other."""
        while self._left:
            yield self._left.pop(0)

    @property
    def left(self) -> list[Block]:
        """What nobody has taken."""
        return list(self._left)


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Generator[Page]:
    """The blocks that the test's marker claims; all of them have to be taken."""
    node = cast("pytest.Item", request.node)  # pyright: ignore[reportUnknownMemberType]  # pytest leaves it open
    marker = node.get_closest_marker("page")
    assert marker is not None, "a test that takes blocks says of which page: @pytest.mark.page(page, *infos)"
    with claimed(*marker.args) as page:
        yield page


@contextmanager
def claimed(name: str, *infos: str) -> Generator[Page]:
    """Hand over the blocks of a page with these info strings, and see at the end that all were taken."""
    page = Page(name, infos)
    yield page
    assert page.left == [], "blocks that the test claims and does not take"


@cache
def blocks_of(page: str) -> tuple[Block, ...]:
    """Return all blocks of a page; one whose end or indentation is wrong is an error."""
    text = (ROOT / page).read_text()
    blocks = tuple(
        Block(page, match["info"].strip(), dedent(match["text"])) for match in _BLOCK.finditer(text)
    )
    fences = sum(1 for line in text.splitlines() if _FENCE.match(line))
    assert fences == 2 * len(blocks), f"{page} has a block that does not end as it begins"
    return blocks


def claims_in(files: Iterable[Path]) -> Iterator[Claim]:
    """Find the claims of tests without running them."""
    for file in files:
        text = file.read_text()
        if "mark.page(" not in text:  # parsing all takes seconds, in each process that collects tests
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                takes = any(each.arg == "page" for each in node.args.args)
                for decorator in node.decorator_list:
                    if ast.unparse(decorator).startswith("pytest.mark.page("):
                        assert isinstance(decorator, ast.Call)
                        name, *infos = map(ast.literal_eval, decorator.args)
                        yield Claim(node.name, name, tuple(infos), takes)
