"""The command ``netscript``.

It reads no further than the name of the group: everything after it belongs to the plugin, whose Typer app or
Click command parses it. So ``netscript --help`` imports neither a plugin nor a command-line library.

Exit codes: 0 done, 1 failed, 2 used or configured wrongly.
"""

import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import version
from typing import TextIO

from netscript_cli.groups import CommandGroup, GroupBrokenError, installed_groups

DONE, FAILED, USED_WRONGLY = 0, 1, 2

_USAGE = """\
Usage: netscript GROUP COMMAND [OPTIONS]

{groups}

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
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        return _say(f"netscript {version('netscript-cli')}")
    known = installed_groups() if groups is None else groups
    if not words or words[0] in {"-h", "--help"}:
        return _say(_USAGE.format(groups=_table(known)).rstrip())
    name, *rest = words
    if name not in known:
        return _complain(_unknown(name, known), USED_WRONGLY)
    return _run(known[name], rest)


def _run(group: CommandGroup, arguments: list[str]) -> int:
    try:
        command = group.load()
    except GroupBrokenError as error:
        return _complain(str(error), FAILED)
    code = command(args=arguments, prog_name=f"netscript {group.name}")
    return code if isinstance(code, int) else DONE


def _table(groups: Mapping[str, CommandGroup]) -> str:
    if not groups:
        return _NO_GROUPS
    width = max(map(len, groups))
    rows = (f"  {name:{width}}  {_words(group)}" for name, group in groups.items())
    return "\n".join(["Groups:", *rows])


def _words(group: CommandGroup) -> str:
    return f"(broken: {group.fault}; from {group.distribution})" if group.fault else group.summary


def _unknown(name: str, groups: Mapping[str, CommandGroup]) -> str:
    if name.startswith("-"):
        return f"netscript has no option {name}; see netscript --help"
    close = get_close_matches(name.lower(), groups, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return f"no commands named {name!r}.{meant} Installed: {', '.join(groups) or 'none'}"


def _say(text: str) -> int:
    return _write(sys.stdout, text, DONE)


def _complain(text: str, code: int) -> int:
    return _write(sys.stderr, f"netscript: {text}", code)


def _write(stream: TextIO, text: str, code: int) -> int:
    stream.write(f"{text}\n")
    return code
