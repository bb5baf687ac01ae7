"""Finds the credentials of a request in its raw headers: one bearer token, and the session cookies.

Everything that leaves a doubt is refused here, before anybody is asked: two of one credential, a token or
cookie in characters that none has. Nothing else of a request is looked at.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from netscript_auth_client.caller import Nobody
from netscript_auth_client.reasons import NobodyReason

RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]

_AUTHORIZATION: Final = b"authorization"
_COOKIE: Final = b"cookie"
_SCHEME: Final = b"bearer"
_BEFORE_TOKEN: Final = b"bearer "
_MOST_TOKEN: Final = 16 * 1024
# RFC 6750 section 2.1, RFC 9110 section 11.4: one space is what is written, more is what is read.
_BEARER: Final = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9\-._~+/]+=*)")
_COOKIE_VALUE: Final = re.compile(rb"[!#-+\--:<-\[\]-~]{1,4096}")  # cookie-octets of RFC 6265 section 4.1.1
_BLANKS: Final = b" \t"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brings along. Never shows in a ``repr``.

    Attributes:
        bearer: The token of ``Authorization: Bearer``.
        cookies: Name and value of each session cookie.
    """

    bearer: str | None = field(default=None, repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def find_bearer(headers: RawHeaders) -> bytes | Nobody | None:
    """Return the bearer token, ``None`` where there is none, or why it counts for nothing.

    Another scheme, such as the ``Basic`` of a proxy in front, is no credential for us.
    """
    found = find_authorization(headers)
    return read_bearer(found) if isinstance(found, bytes) else found


def find_authorization(headers: RawHeaders) -> bytes | Nobody | None:
    """Return the one ``Authorization`` as it was sent, ``None`` without one, or why it counts for nothing."""
    found: bytes | None = None
    for name, value in headers:
        if name == _AUTHORIZATION:
            if found is not None:
                return Nobody(NobodyReason.CREDENTIAL_AMBIGUOUS)
            found = value
    return found


def cut_bearer(authorization: bytes) -> bytes:
    """Return what stands where a token would, unchecked, to look it up; empty for another scheme.

    However the scheme is written and spaced, one token is one text here.
    """
    is_bearer = authorization[: len(_BEFORE_TOKEN)].lower() == _BEFORE_TOKEN
    return authorization[len(_BEFORE_TOKEN) :].lstrip(b" ") if is_bearer else b""


def read_bearer(authorization: bytes) -> bytes | Nobody | None:
    """Return the token that the header carries; see :func:`find_bearer`."""
    if authorization[: len(_SCHEME)].lower() != _SCHEME:
        return None
    match = _BEARER.fullmatch(authorization)
    if match is None or len(authorization) > _MOST_TOKEN:
        return Nobody(NobodyReason.TOKEN_INVALID)
    return match[1]


class CredentialReader:
    """Finds bearer tokens and session cookies.

    Args:
        cookie_names: Of the session cookies, exactly; ASCII.
    """

    def __init__(self, cookie_names: Iterable[str]) -> None:
        self._names = {name.encode("ascii"): name for name in cookie_names}

    def read(self, headers: RawHeaders) -> Credentials | Nobody:
        """Return what a request brings along, or why that counts for nothing."""
        bearer = find_bearer(headers)
        if isinstance(bearer, Nobody):
            return bearer
        cookies = self._cookies(headers)
        if isinstance(cookies, Nobody):
            return cookies
        token = bearer.decode("ascii") if bearer is not None else None
        return Credentials(token, cookies)

    def _cookies(self, headers: RawHeaders) -> tuple[tuple[str, str], ...] | Nobody:
        """Return the cookies that leave no doubt, or why there is none among those that came.

        Each name is judged by itself: auth-api hears some of them, and a sibling host can set the others.
        """
        sent: dict[str, list[bytes]] = {}
        for name, value in self._session_cookies(headers):
            sent.setdefault(name, []).append(value)
        doubts = {name: doubt for name, values in sent.items() if (doubt := _doubt(values)) is not None}
        if doubts and len(doubts) == len(sent):
            return Nobody(next(iter(doubts.values())))
        return tuple((name, values[0].decode("ascii")) for name, values in sent.items() if name not in doubts)

    def _session_cookies(self, headers: RawHeaders) -> Iterable[tuple[str, bytes]]:
        """Yield our cookies; others of the site may be broken in any way, and are skipped over."""
        for header, line in headers:
            if header != _COOKIE:
                continue
            for piece in line.split(b";"):
                name, equals, value = piece.partition(b"=")
                ours = self._names.get(name.strip(_BLANKS)) if equals else None
                if ours is not None:
                    yield ours, value.strip(_BLANKS)


def _doubt(values: Sequence[bytes]) -> NobodyReason | None:
    """Return why the values of one cookie count for nothing, if they do."""
    if len(values) > 1:
        return NobodyReason.COOKIE_AMBIGUOUS
    return None if _COOKIE_VALUE.fullmatch(values[0]) else NobodyReason.COOKIE_MALFORMED
