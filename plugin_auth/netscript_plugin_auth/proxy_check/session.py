"""The cookie of a session, from where no list of processes shows it."""

from pathlib import Path

from netscript_kernel.settings import Environment
from netscript_plugin_auth.proxy_check.target import CheckImpossibleError

VARIABLE = "NETSCRIPT_PROXY_CHECK_COOKIE"
_MAX_BYTES = 16 * 1024


def read_cookie(environment: Environment, file: Path | None) -> str | None:
    """Return what the browser of somebody who is signed in sends as ``Cookie``; ``None`` where there is none.

    Args:
        environment: May have it.
        file: Has it in the place of that.

    Raises:
        CheckImpossibleError: the file cannot be read, or what is there is no cookie. It is not repeated.
    """
    text = environment.get(VARIABLE) if file is None else _read(file)
    if text is None:
        return None
    cookie = text.strip().removeprefix("Cookie:").strip()
    if "=" not in cookie or not cookie.isascii() or not cookie.isprintable():
        where = VARIABLE if file is None else "the file of --cookie-file"
        raise CheckImpossibleError(f"{where} must hold one line name=value, as a browser sends it in Cookie")
    return cookie


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            text = opened.read(_MAX_BYTES + 1)
        if len(text) <= _MAX_BYTES:
            return text.decode()
    except (OSError, UnicodeDecodeError):
        pass
    raise CheckImpossibleError("the file of --cookie-file cannot be read, or is no text of at most 16 KiB")
