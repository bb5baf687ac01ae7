"""Who somebody is at a provider without OpenID Connect: what it says of the holder of a token it gave us.

The only proof is a token that came from the provider's token endpoint, for a code of a flow of ours, with our
registration and PKCE. One that anybody brings along proves nothing: it may have been given to another client.
"""

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.provider.discovery import ProviderMetadata
from netscript_auth_kv_oauth.provider.email_addresses import fetch_email
from netscript_auth_kv_oauth.provider.identified import Identified
from netscript_auth_kv_oauth.provider.profile_claims import Claims
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_auth_kv_oauth.provider.refusals import AnotherPersonError
from netscript_auth_kv_oauth.provider.token_response import TokenResponse
from netscript_auth_kv_oauth.provider.userinfo import fetch_person, person_in


class OAuth2Identity:
    """Tells whose tokens these are.

    Args:
        config: The provider.
        http: Speaks to it.
        metadata: Its addresses.
    """

    def __init__(self, config: ProviderConfig, http: ProviderHttp, metadata: ProviderMetadata) -> None:
        self._config = config
        self._http = http
        self._url = metadata.userinfo_endpoint

    def can_tell(self, tokens: TokenResponse) -> bool:
        """Whether there is what it takes to ask; at a refresh there may not be."""
        return not self._config.preset.userinfo.form or tokens.id_token is not None

    async def identify(
        self,
        tokens: TokenResponse,
        nonce: str | None,
        from_callback: str | None,
        before: tuple[str, str] | None = None,
        max_age: int | None = None,
    ) -> Identified:
        """Return whose tokens these are.

        Args:
            tokens: From the token endpoint.
            nonce: Of this flow; ``None`` at a refresh.
            from_callback: What the browser brought along.
            before: Issuer and subject of the grant that was refreshed.
            max_age: Of this flow, which began when this was another kind of provider: nobody proves it here.

        Raises:
            AnotherPersonError: they are not those of the one of before.
            FlowRefusedError: the provider refused the tokens, or named nobody.
            ProviderProtocolError: its answer cannot be understood.
            BackendUnavailableError: no answer.
        """
        if max_age is not None:
            raise FlowRefusedError(FlowReason.AUTH_TIME_MISSING, provider_id=self._config.id)
        person = await self._person(tokens, nonce)
        claims = Claims(self._config, person)
        subject = claims.subject()
        if before is not None and (self._config.issuer, subject) != before:
            raise AnotherPersonError(self._config.id)
        email = await fetch_email(self._http, self._config, tokens.access_token)
        identity = claims.identity(self._config.issuer, subject, email=email, from_callback=from_callback)
        return Identified(identity)

    async def _person(self, tokens: TokenResponse, nonce: str | None) -> dict[str, object]:
        if self._url is None:
            return person_in(self._config, tokens.members)
        return await fetch_person(self._http, self._config, self._url, tokens, nonce)
