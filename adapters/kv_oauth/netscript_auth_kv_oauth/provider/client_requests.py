"""Requests by which we show a provider who we are: to its token endpoint and its revocation endpoint."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, quote_plus, urlencode

from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.protocol import ClientAuth
from netscript_auth_kv_oauth.provider.made_secrets import ClientSecrets
from netscript_auth_kv_oauth.provider.provider_http import FORM, JSON, Answer, ProviderHttp
from netscript_kernel.clock import Clock

# What a server accepts that does not say (OpenID Connect Discovery 1.0 section 3).
_DEFAULT_METHODS: Final = (ClientAuth.BASIC.value,)


class ClientRequests:
    """Sends forms to one provider with our client id, and our secret where we have one.

    Args:
        http: Speaks to it.
        config: Our registration there.
        clock: Tells when a secret that we make ends.
    """

    def __init__(self, http: ProviderHttp, config: ProviderConfig, clock: Clock) -> None:
        self._http = http
        self._config = config
        self._secrets = ClientSecrets(config, clock)

    async def post(self, url: str, methods: Sequence[str] | None, form: str) -> Answer:
        """Send a form, the way the provider wants forms.

        Args:
            url: The endpoint.
            methods: Of client authentication, as its metadata has them for this endpoint.
            form: Encoded already.

        Raises:
            AnswerLostError: it may have arrived; the answer did not.
            BackendUnavailableError: no answer in time, or the server's fault.
            ProviderProtocolError: the answer cannot be read; ``UnreadableAnswerError`` where it is a success.
        """
        headers, credentials = self._credentials(methods)
        body, content_type = f"{form}&{credentials}".rstrip("&"), FORM
        if self._config.preset.sends_json:
            body, content_type = json.dumps(dict(parse_qsl(body, keep_blank_values=True))), JSON
        return await self._http.post(self._config.id, url, headers, body, content_type)

    def _credentials(self, methods: Sequence[str] | None) -> tuple[dict[str, str], str]:
        """Return headers and form parameters that show who we are (RFC 6749 section 2.3.1)."""
        client_id, secret = self._config.client_id, self._secrets.current()
        if secret is None:
            return {}, urlencode({"client_id": client_id})
        if self._method(methods) is ClientAuth.POST:
            return {}, urlencode({"client_id": client_id, "client_secret": secret})
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}, ""

    def _method(self, methods: Sequence[str] | None) -> ClientAuth:
        wanted = self._config.preset.client_auth
        if wanted is not ClientAuth.BY_METADATA:
            return wanted
        offered = methods or _DEFAULT_METHODS
        is_post_only = ClientAuth.BASIC not in offered and ClientAuth.POST in offered
        return ClientAuth.POST if is_post_only else ClientAuth.BASIC
