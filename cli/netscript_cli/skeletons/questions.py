"""Asks somebody at a terminal what a new workspace should be."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from netscript_cli.workspace.listing import normalised


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody wants.

    Attributes:
        name: How people will call the workspace.
        plugins: Distributions that it lists from the beginning.
    """

    name: str
    plugins: tuple[str, ...]


def ask(usual: Answers, offered: Sequence[str]) -> Answers:
    """Ask for each, until the answer can be used; an empty one takes what is usual.

    Args:
        usual: What is taken where nobody says otherwise.
        offered: Distributions that are installed and offer a plugin.
    """
    name = _asked("What is the workspace called?", usual.name)
    while not name.isprintable():
        name = _asked("Its name is a line of text:", usual.name)
    if not offered:
        return Answers(name, ())
    question = f"Which plugins, by commas ({', '.join(offered)}; - for none)?"
    plugins = _plugins(_asked(question, ", ".join(usual.plugins) or "-"))
    while unknown := [each for each in plugins if each not in offered]:
        plugins = _plugins(
            _asked(f"{unknown[0]} is not installed. {question}", ", ".join(usual.plugins) or "-")
        )
    return Answers(name, plugins)


def _asked(question: str, usual: str) -> str:
    # On standard error, so that the output stays what a program reads.
    answer: str = typer.prompt(question, default=usual, err=True)
    return answer.strip()


def _plugins(answer: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalised(each.strip()) for each in answer.split(",") if each.strip(" -")))
