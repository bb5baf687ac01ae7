"""``netscript auth proxy-check``: which known ways around a sign-in are open at the operator's own proxy."""

import asyncio
import sys
from pathlib import Path

from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.proxy_check import report
from netscript_plugin_auth.proxy_check.check import check_proxy
from netscript_plugin_auth.proxy_check.findings import Verdict
from netscript_plugin_auth.proxy_check.session import read_cookie
from netscript_plugin_auth.proxy_check.target import CheckImpossibleError, read_path, read_target

_FOUND, _NOT_RUN = 1, 2


def show_ways_in(
    url: str,
    *,
    connect: str | None = None,
    sign_in: str | None = None,
    echo: str | None = None,
    cookie_file: Path | None = None,
    as_json: bool = False,
) -> int:
    """Print what became of each way, and return the exit code: 1 where one is open, 2 where none was tried.

    Raises:
        ConfigurationError: the file ``.env`` cannot be read.
    """
    try:
        target = read_target(url, connect, sign_in)
        cookie = read_cookie(process_environment(), cookie_file)
        findings = asyncio.run(check_proxy(target, cookie, read_path(echo)))
    except CheckImpossibleError as error:
        sys.stderr.write(f"{error}\nNothing is known of the proxy.\n")
        return _NOT_RUN
    sys.stdout.write(report.as_json(findings) if as_json else report.in_words(findings))
    return _FOUND if any(each.verdict is Verdict.FAILED for each in findings) else 0
