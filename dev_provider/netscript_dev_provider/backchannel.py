"""Tells applications that somebody signed out here (OpenID Connect Back-Channel Logout 1.0 section 2.5)."""

import asyncio
import logging
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode

from netscript_dev_provider.id_tokens import IdTokens
from netscript_dev_provider.records import SignIn

_log = logging.getLogger("netscript.dev_provider")

_PATIENCE_SECONDS: Final = 5.0

Post = Callable[[str, bytes], Awaitable[int]]
"""Posts a form to an address and returns the status of the answer."""


class Backchannel:
    """Sends logout tokens.

    Args:
        id_tokens: Writes them.
        post: Sends them.
    """

    def __init__(self, id_tokens: IdTokens, post: Post) -> None:
        self._id_tokens = id_tokens
        self._post = post

    async def tell(self, sign_in: SignIn) -> None:
        """Tell the application that a sign-in is over; one that does not listen keeps nobody waiting."""
        uri = sign_in.client.backchannel_logout_uri
        if uri is None:
            return
        token = self._id_tokens.write_logout(
            sign_in.client, subject=sign_in.persona.subject, sid=sign_in.session_id
        )
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                status = await self._post(uri, urlencode({"logout_token": token}).encode())
        except (OSError, TimeoutError) as error:
            _log.warning("%s could not be told of a sign-out: %s", sign_in.client.client_id, error)
            return
        _log.info("%s was told of a sign-out, and answered %s", sign_in.client.client_id, status)


async def post_form(uri: str, form: bytes) -> int:
    """Post a form over the network; the standard library will do for one request to loopback."""
    return await asyncio.to_thread(_post, uri, form)


def _post(uri: str, form: bytes) -> int:
    request = urllib.request.Request(uri, form)  # noqa: S310  # the address was checked to be http or https
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310  # likewise
            return int(answer.status)
    except HTTPError as refusal:
        with refusal:
            return refusal.code
