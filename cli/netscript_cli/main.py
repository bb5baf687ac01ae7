"""The command ``netscript``.

It reads no further than the first word: everything after it belongs to the Typer app or Click command of that
name, a plugin's or our own. So ``netscript --help`` imports neither a plugin nor a command-line library.

Exit codes: 0 done, 1 failed, 2 used or configured wrongly; 130 after Ctrl-C.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TextIO

from netscript_cli.groups import (
    Command,
    CommandGroup,
    GroupBrokenError,
    installed_groups,
    with_clashes_told,
)
from netscript_cli.own_commands import OWN_COMMANDS
from netscript_cli.streams import answers_for_output
from netscript_cli.suggestions import what_there_is

DONE, FAILED, USED_WRONGLY = 0, 1, 2

_USAGE = """\
Usage: netscript COMMAND [OPTIONS]

{own}{groups}

Options:
  -h, --help  Show this, or with a group or command: what that does.
  --version   Show the version.
"""
_NO_GROUPS = """\
No plugin that brings commands is installed. For example: pip install netscript-plugin-auth"""


def main(arguments: Sequence[str] | None = None, groups: Mapping[str, CommandGroup] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: What follows ``netscript``; those of this process by default.
        groups: Stand in for what is installed, in tests.
    """
    with answers_for_output():
        return _answer(list(sys.argv[1:] if arguments is None else arguments), groups)


def _answer(words: list[str], groups: Mapping[str, CommandGroup] | None) -> int:
    if words == ["--version"]:
        return _say(f"netscript {version('netscript-cli')}")
    known = with_clashes_told(installed_groups() if groups is None else groups, OWN_COMMANDS)
    if not words or words[0] in {"-h", "--help"}:
        return _say(_USAGE.format(own=_own(), groups=_groups(known)).rstrip())
    name, *rest = words
    if name in OWN_COMMANDS:
        return _run(name, OWN_COMMANDS[name].load(), rest)
    if name not in known:
        return _complain(_unknown(name, known), USED_WRONGLY)
    try:
        return _run(name, known[name].load(), rest)
    except GroupBrokenError as error:
        return _complain(str(error), FAILED)


def _run(name: str, command: Command, arguments: list[str]) -> int:
    code = command(args=arguments, prog_name=f"netscript {name}")
    return code if isinstance(code, int) else DONE


def _own() -> str:
    rows = _rows({name: command.summary for name, command in OWN_COMMANDS.items()})
    return f"Commands:\n{rows}\n\n" if OWN_COMMANDS else ""


def _groups(groups: Mapping[str, CommandGroup]) -> str:
    rows = _rows({name: _words(group) for name, group in groups.items()})
    return f"Of plugins:\n{rows}" if groups else _NO_GROUPS


def _rows(summaries: Mapping[str, str]) -> str:
    width = max(map(len, summaries), default=0)
    return "\n".join(f"  {name:{width}}  {summary}" for name, summary in summaries.items())


def _words(group: CommandGroup) -> str:
    return f"(broken: {group.fault}; from {group.distribution})" if group.fault else group.summary


def _unknown(name: str, groups: Mapping[str, CommandGroup]) -> str:
    if name.startswith("-"):
        return f"netscript has no option {name}; see netscript --help"
    known = list(dict.fromkeys([*OWN_COMMANDS, *groups]))
    return f"no command named {name!r}\nFix: {what_there_is(name, known)}"


def _say(text: str) -> int:
    return _write(sys.stdout, text, DONE)


def _complain(text: str, code: int) -> int:
    return _write(sys.stderr, f"netscript: {text}", code)


def _write(stream: TextIO, text: str, code: int) -> int:
    stream.write(f"{text}\n")
    return code
