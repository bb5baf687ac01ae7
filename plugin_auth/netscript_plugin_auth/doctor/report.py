"""Tells an operator, or a program, what the doctor found."""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence

from netscript_auth_core.checks import Severity
from netscript_plugin_auth.doctor.examination import CONFIGURATION, Examined, examine
from netscript_plugin_auth.environment import process_environment


def diagnose(*, as_json: bool, live: str | None, advice: str) -> int:
    """Print what is wrong, and return 0 where nothing is, else 1; notices alone are nothing wrong.

    Args:
        as_json: For programs.
        live: The address of a running service, to be asked too.
        advice: Said last where the configuration is faulty: perhaps it is not the service's.

    Raises:
        ConfigurationError: not even the variables can be read.
    """
    environment = process_environment()
    # What the parts would log on their way, the findings say.
    logging.disable(logging.ERROR)
    try:
        examined = asyncio.run(examine(environment, live=live))
    finally:
        logging.disable(logging.NOTSET)
    sys.stdout.write(as_document(examined) if as_json else in_words(examined, advice))
    return 1 if _is_bad(examined) else 0


def as_document(examined: Sequence[Examined]) -> str:
    """Return everything as JSON."""
    findings = [
        {"check": each.id, "severity": found.severity.value, "problem": found.problem, "fix": found.fix}
        for each in examined
        for found in each.findings
    ]
    told = {"ok": not _is_bad(examined), "checks": [each.id for each in examined], "findings": findings}
    return f"{json.dumps(told, indent=2)}\n"


def in_words(examined: Sequence[Examined], advice: str = "") -> str:
    """Return the findings, the worst first, how many checks were made, and advice where it is of use."""
    found = [(finding, each.id) for each in examined for finding in each.findings]
    order = list(Severity)
    found.sort(key=lambda pair: order.index(pair[0].severity))
    rows = [
        f"{one.severity.value:<8} {check}: {one.problem}\n         Fix: {one.fix}\n" for one, check in found
    ]
    bad = sum(one.severity is not Severity.NOTICE for one, _ in found)
    verdict = "nothing is wrong" if not bad else f"{bad} {'thing' if bad == 1 else 'things'} to be mended"
    is_configured = not any(each.findings for each in examined if each.id == CONFIGURATION)
    end = "" if is_configured or not advice else f"\n{advice}\n"
    return "".join([*rows, "\n" if rows else "", f"{len(examined)} checks were made: {verdict}\n", end])


def _is_bad(examined: Sequence[Examined]) -> bool:
    return any(one.severity is not Severity.NOTICE for each in examined for one in each.findings)
