"""The lines of an export, each sealed as a whole: in clear are the version, and how long it is.

``{"version": 1, "sealed": "<base64url>"}``, a line for each session, and a last one that counts them, so that
an export that was cut short shows, and says where browsers send the cookies. When it was made stands in every
line, under the seal.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from pydantic import AwareDatetime, ValidationError

from netscript_auth_core.ports import PortableSession
from netscript_kernel.contracts import WireModel
from netscript_kernel.errors import NetScriptError, SealError
from netscript_kernel.ids import decode_base64url, encode_base64url
from netscript_kernel.json_documents import read_json_object
from netscript_kernel.keys import SealingKeys
from netscript_plugin_auth.transfer.cookie_reach import CookieReach

VERSION: Final = 1
LONGEST: Final = 4 * 1024 * 1024
"""Bytes of a line: a person with as many and as long accounts as one may have, four times over."""

_PURPOSE: Final = "auth/session-transfer"
_RECORD: Final = f"line/{VERSION}"


class LineRefusedError(NetScriptError):
    """A line that does not open with this key, or is none of an export. Nothing of it is repeated."""

    def __init__(self) -> None:
        super().__init__("does not open with this key, or is no line of an export")


class Line(WireModel):
    """What a line says.

    Attributes:
        exported_at: When the export began.
        session: The one that it carries; ``None`` in the last line.
        sessions: How many lines there are before the last one; ``None`` in all others.
        cookies: In the last one: where browsers send the cookies of these sessions.
    """

    exported_at: AwareDatetime
    session: PortableSession | None = None
    sessions: int | None = None
    cookies: CookieReach | None = None


def session_line(session: PortableSession, exported_at: datetime, keys: SealingKeys) -> str:
    """Return the line of a session."""
    return _sealed(Line(exported_at=exported_at, session=session), keys)


def last_line(
    sessions: int, exported_at: datetime, keys: SealingKeys, cookies: CookieReach | None = None
) -> str:
    """Return the line that ends an export."""
    return _sealed(Line(exported_at=exported_at, sessions=sessions, cookies=cookies), keys)


def open_line(text: bytes, keys: SealingKeys) -> Line:
    """Return what a line says.

    Raises:
        LineRefusedError: it does not open, or is none of an export of this version.
    """
    document = read_json_object(text) if len(text) <= LONGEST else None
    if document is None or document.get("version") != VERSION:
        raise LineRefusedError
    try:
        sealed = decode_base64url(str(document.get("sealed")))
        line = Line.model_validate_json(keys.open(sealed, purpose=_PURPOSE, record_id=_RECORD))
    except (ValueError, ValidationError, SealError):
        raise LineRefusedError from None
    if (line.session is None) is (line.sessions is None):
        raise LineRefusedError
    return line


def numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that hold anything, by their number from 1; of one that is too long, the beginning."""
    number = 0
    while text := file.readline(LONGEST + 1):
        number += 1
        piece = text
        while not piece.endswith(b"\n") and (piece := file.readline(LONGEST)):
            pass
        if text.strip():
            yield number, text


def _sealed(line: Line, keys: SealingKeys) -> str:
    sealed = keys.seal(line.to_wire(), purpose=_PURPOSE, record_id=_RECORD)
    return f"{json.dumps({'version': VERSION, 'sealed': encode_base64url(sealed)})}\n"
