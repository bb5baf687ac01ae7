"""What was found, for people and for programs."""

import json
from collections.abc import Sequence

from netscript_plugin_auth.proxy_check.findings import Finding, Verdict

_WORDS = {Verdict.PASSED: "passed", Verdict.FAILED: "FAILED", Verdict.NOT_JUDGED: "not judged"}
_SHOWN = 5


def in_words(findings: Sequence[Finding]) -> str:
    """Return a line for each check, with what to do where it failed, and a last line that counts."""
    count = {verdict: sum(each.verdict is verdict for each in findings) for verdict in Verdict}
    lines = [line for finding in findings for line in _lines(finding)]
    total = ", ".join(f"{count[verdict]} {word}" for verdict, word in _WORDS.items())
    return "\n".join([*lines, "", f"{total}.", ""])


def as_json(findings: Sequence[Finding]) -> str:
    """Return the same as JSON; ``fix`` is there where a check failed."""
    rows = [
        {"check": each.name, "says": each.says, "verdict": each.verdict, "seen": list(each.seen)}
        | ({"fix": each.fix} if each.verdict is Verdict.FAILED else {})
        for each in findings
    ]
    failed = sum(each.verdict is Verdict.FAILED for each in findings)
    return f"{json.dumps({'failed': failed, 'checks': rows})}\n"


def _lines(finding: Finding) -> Sequence[str]:
    more = len(finding.seen) - _SHOWN
    of = f" ({len(finding.seen)} of {finding.sent} requests)" if finding.seen else ""
    return [
        f"{_WORDS[finding.verdict]:<11} {finding.name:<12} {finding.says}{of}.",
        *(f"{'':<12}{each}" for each in finding.seen[:_SHOWN]),
        *([f"{'':<12}and {more} more; --json has all"] if more > 0 else []),
        *([f"{'':<12}Fix: {finding.fix}."] if finding.verdict is Verdict.FAILED else []),
    ]
