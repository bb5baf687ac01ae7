"""What is installed beside us, and what runs it."""

import ssl
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution

from netscript_auth_core.checks import Check, Finding, Severity

_STRANGER = "netscript"
_OLDEST_OPENSSL = (3, 0)


def installation_checks() -> Sequence[Check]:
    """Return the checks that need no configuration."""
    return (Check("installation.stranger", _stranger), Check("installation.openssl", _openssl))


async def _stranger() -> Sequence[Finding]:
    try:
        distribution(_STRANGER)
    except PackageNotFoundError:
        return ()
    problem = f"the package {_STRANGER} is installed, which is a stranger's and none of ours"
    fix = f"pip uninstall {_STRANGER}; the command comes with netscript-cli"
    return (Finding(Severity.ERROR, problem, fix),)


async def _openssl() -> Sequence[Finding]:
    return judge_openssl(ssl.OPENSSL_VERSION_INFO[:2])


def judge_openssl(version: tuple[int, int]) -> Sequence[Finding]:
    """Return what is to be said of the library that all TLS goes through."""
    if version >= _OLDEST_OPENSSL:
        return ()
    problem = f"Python uses a TLS library of version {version[0]}.{version[1]}, which gets no fixes any more"
    return (Finding(Severity.WARNING, problem, "take a Python that is built with OpenSSL 3 or newer"),)
