"""The tokens part of the port: which session a request names, by the keys at hand."""

import logging

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.reading.presented import presented
from netscript_auth_workos.seals.cookie_seals import CookieSeals
from netscript_auth_workos.seals.session_data import SealRefusedError
from netscript_auth_workos.tokens.access_token import AccessToken, TokenInvalidError
from netscript_auth_workos.tokens.access_tokens import AccessTokens

_log = logging.getLogger("netscript.auth.workos")


class RequestTokens:
    """Recognises sessions.

    A name alone must not do: whoever signs out by a made-up token would end a stranger's session. So the
    signature is verified here too, though nothing is asked for it.
    """

    def __init__(
        self, cookie_name: str, seals: CookieSeals, tokens: AccessTokens, background: Background
    ) -> None:
        self._cookie_name = cookie_name
        self._seals = seals
        self._tokens = tokens
        self._background = background

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle of the session that a request names; see :meth:`TokensPort.recognise`."""
        found = presented(request, self._cookie_name)
        if isinstance(found, Anonymous):
            return found
        try:
            named = {self._verified(text).session_id for text in self._texts(found.cookie, found.bearer)}
        except SealRefusedError as error:
            return Anonymous(error.reason)
        except TokenInvalidError:
            return Anonymous(AnonymousReason.TOKEN_INVALID)
        return named.pop() if len(named) == 1 else Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)

    def _texts(self, cookie: str | None, bearer: str | None) -> list[str]:
        opened = [self._seals.open(cookie).access_token] if cookie is not None else []
        return opened + ([bearer] if bearer is not None else [])

    def _verified(self, text: str) -> AccessToken:
        try:
            return self._tokens.verify_now(text)
        except BackendUnavailableError:
            # Whoever asks again in a moment finds the keys.
            self._background.offer(lambda: self._fetch_keys_for(text))
            raise

    async def _fetch_keys_for(self, text: str) -> None:
        try:
            await self._tokens.verify(text)
        except (TokenInvalidError, BackendUnavailableError) as error:
            _log.debug("the keys for a token were asked for: %s", error)
