"""Asks a provider to forget a refresh token (RFC 7009)."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from netscript_auth_core.errors import ProviderProtocolError
from netscript_auth_kv_oauth.provider.client_requests import ClientRequests
from netscript_auth_kv_oauth.provider.provider_http import Answer, UnreadableAnswerError
from netscript_auth_kv_oauth.provider.refusals import TokenRefusedError, shown_error

# Not from the RFC, by which an unknown token is no error; Google says so of one that was revoked before.
_GONE: Final = "invalid_token"


class RevocationEndpoint:
    """The revocation endpoint of one provider."""

    def __init__(self, requests: ClientRequests, provider_id: str) -> None:
        self._requests = requests
        self._provider_id = provider_id

    async def revoke(self, url: str, methods: Sequence[str] | None, refresh_token: str) -> None:
        """Return when the provider has forgotten the token, and with it what was granted together with it.

        Args:
            url: The endpoint.
            methods: Of client authentication, as its metadata has them.
            refresh_token: What is to be forgotten.

        Raises:
            TokenRefusedError: it does not let us.
            ProviderProtocolError: it answered something else.
            BackendUnavailableError: it did not answer; to be tried again (RFC 7009 section 2.2.1).
        """
        form = urlencode({"token": refresh_token, "token_type_hint": "refresh_token"})
        try:
            answer = await self._requests.post(url, methods, form)
        except UnreadableAnswerError:
            return  # its status says all there is to say (RFC 7009 section 2.2)
        if answer.is_redirect:
            raise ProviderProtocolError(self._provider_id, "the revocation endpoint redirects")
        if not answer.is_success and _error(answer) != _GONE:
            raise TokenRefusedError(self._provider_id, _error(answer))


def _error(answer: Answer) -> str:
    content = answer.json_object() or {}
    return shown_error(content.get("error")) or f"http_{answer.status}"
