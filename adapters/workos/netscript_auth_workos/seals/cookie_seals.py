"""Every form of session cookie that the configured password opens, told apart by how it begins."""

import logging
from collections.abc import Collection
from typing import Final, Protocol
from urllib.parse import quote, unquote_to_bytes

import orjson

from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.seals.fernet import PREFIX as FERNET
from netscript_auth_workos.seals.fernet import FernetSeal, is_fernet_key
from netscript_auth_workos.seals.iron import PREFIX as IRON
from netscript_auth_workos.seals.iron import SHORTEST_PASSWORD, IronSeal
from netscript_auth_workos.seals.session_data import SealKind, SealRefusedError, SessionData, session_data
from netscript_kernel.clock import Clock
from netscript_kernel.json_documents import read_json

_log = logging.getLogger("netscript.auth.workos")

MOST_CHARACTERS: Final = 16 * 1024
_KINDS: Final = {FERNET: SealKind.PYTHON, IRON: SealKind.NODE, "{": SealKind.PLAIN}


class Seal(Protocol):
    """One form of sealing."""

    def open(self, text: str) -> bytes:
        """Return what was sealed, or raise ``SealRefusedError``."""
        ...

    def seal(self, data: bytes) -> str:
        """Return the cookie's value."""
        ...


class _NoSeal:
    """JSON as it is: nothing vouches for it but the access token in it."""

    def open(self, text: str) -> bytes:
        """Return it."""
        return text.encode("utf-8", "replace")

    def seal(self, data: bytes) -> str:
        """Return it in characters that a cookie carries, as JavaScript's ``encodeURIComponent`` does."""
        return quote(data, safe="!'()*~")


def opened_by(password: str) -> frozenset[SealKind]:
    """Return which cookies a password opens."""
    kinds = {SealKind.NODE} if len(password) >= SHORTEST_PASSWORD else set[SealKind]()
    return frozenset(kinds | {SealKind.PYTHON} if is_fernet_key(password) else kinds)


class CookieSeals:
    """Opens cookies, and seals them anew in the form in which they came.

    Args:
        password: Of the seals.
        kinds: Which forms are accepted.
        clock: Tells whether a seal is over.
    """

    def __init__(self, password: str, kinds: Collection[SealKind], clock: Clock) -> None:
        accepted = opened_by(password) & set(kinds)
        self._seals: dict[SealKind, Seal] = {}
        if SealKind.PYTHON in accepted:
            self._seals[SealKind.PYTHON] = FernetSeal(password)
        if SealKind.NODE in accepted:
            self._seals[SealKind.NODE] = IronSeal(password, clock)
        if SealKind.PLAIN in kinds:
            self._seals[SealKind.PLAIN] = _NoSeal()

    def open(self, value: str) -> SessionData:
        """Return what a cookie holds.

        Args:
            value: As it arrived: perhaps in quotes (Python's ``http.cookies``), perhaps percent-encoded
                (JavaScript).

        Raises:
            SealRefusedError: with the reason.
        """
        text = _plain_text(value)
        kind = next((kind for prefix, kind in _KINDS.items() if text.startswith(prefix)), None)
        if kind is None:
            raise SealRefusedError(AnonymousReason.COOKIE_MALFORMED, "a cookie of no known form")
        seal = self._seals.get(kind)
        if seal is None:
            problem = (
                f"a cookie of the form {kind}, which WORKOS_COOKIE_SEALS leaves out or needs another password"
            )
            raise SealRefusedError(AnonymousReason.SEAL_UNOPENED, problem)
        return session_data(kind, read_json(seal.open(text)))

    def seal(self, data: SessionData) -> str:
        """Return a cookie's value that holds this, in the form of its kind."""
        return self._seals[data.kind].seal(orjson.dumps(dict(data.members)))


def _plain_text(value: str) -> str:
    if len(value) > MOST_CHARACTERS or not value.isascii():
        raise SealRefusedError(AnonymousReason.COOKIE_MALFORMED, "a cookie too long, or not ASCII")
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if "%" not in value:
        return value
    return unquote_to_bytes(value).decode("utf-8", "replace")
