"""Who somebody is at an OpenID provider: its id token, and what userinfo adds about the same person."""

from netscript_auth_core.background import Background
from netscript_auth_core.cached_document import CachedDocument
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.key_set import KeySet
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.protocol import Nonce
from netscript_auth_kv_oauth.provider.discovery import ProviderMetadata
from netscript_auth_kv_oauth.provider.id_token_claims import Wanted, authenticated_at
from netscript_auth_kv_oauth.provider.id_tokens import IdTokens
from netscript_auth_kv_oauth.provider.identified import Identified, read_sid
from netscript_auth_kv_oauth.provider.profile_claims import Claims
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_auth_kv_oauth.provider.refusals import AnotherPersonError
from netscript_auth_kv_oauth.provider.signatures import Signatures, accepted_algorithms, fetch_keys
from netscript_auth_kv_oauth.provider.token_response import TokenResponse
from netscript_auth_kv_oauth.provider.userinfo import fetch_person
from netscript_kernel.clock import Clock


class OpenIdIdentity:
    """Tells whose tokens these are.

    Args:
        config: The provider.
        http: Speaks to it.
        clock: Tells ages.
        background: Holds fetches of keys.
        metadata: Its metadata.
    """

    def __init__(
        self,
        config: ProviderConfig,
        http: ProviderHttp,
        clock: Clock,
        background: Background,
        metadata: CachedDocument[ProviderMetadata],
    ) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._metadata = metadata
        keys = KeySet(lambda: fetch_keys(http, config, metadata), clock, background)
        self._id_tokens = IdTokens(Signatures(keys))

    def can_tell(self, tokens: TokenResponse) -> bool:
        """Whether an id token came along; at a refresh it may not."""
        return tokens.id_token is not None

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
            max_age: Of this flow.

        Raises:
            AnotherPersonError: the id token is good, but not about the one of before.
            FlowRefusedError: the id token or userinfo is not to be believed.
            ProviderProtocolError: userinfo cannot be understood.
            BackendUnavailableError: no answer.
        """
        metadata = await self._metadata.get()
        jws = await self._id_tokens.read(
            tokens.id_token or "",
            accepted_algorithms(self._config, metadata),
            self._wanted(tokens, nonce, max_age),
        )
        claims = Claims(self._config, jws.claims)
        subject = str(jws.claims["sub"])
        issuer = str(jws.claims["iss"]) if self._config.tenants else self._config.issuer
        # Before anything else is asked, and can fail.
        if before is not None and (issuer, subject) != before:
            raise AnotherPersonError(self._config.id)
        if metadata.userinfo_endpoint is not None and not claims.is_complete:
            more = await fetch_person(self._http, self._config, metadata.userinfo_endpoint, tokens, nonce)
            self._check_same_person(subject, more)
            claims = Claims(self._config, jws.claims, more)
        identity = claims.identity(issuer, subject, from_callback=from_callback)
        return Identified(
            identity,
            read_sid(jws.claims.get("sid")),
            authenticated_at(jws.claims, self._clock.unix()),
        )

    def _check_same_person(self, subject: str, more: dict[str, object]) -> None:
        # OpenID Connect Core section 5.3.2: without this check one person's profile could end up with
        # another's account.
        if more.get("sub") != subject:
            raise FlowRefusedError(
                FlowReason.SUBJECT_MISMATCH,
                expected="the sub of the id token",
                seen="another" if "sub" in more else "none",
                provider_id=self._config.id,
            )

    def _wanted(self, tokens: TokenResponse, nonce: str | None, max_age: int | None) -> Wanted:
        preset = self._config.preset
        return Wanted(
            provider_id=self._config.id,
            issuers=(self._config.issuer, *preset.id_token.also_issuers),
            tenants=self._config.tenants,
            client_id=self._config.client_id,
            nonce=nonce if preset.nonce_rule is Nonce.REQUIRED else None,
            access_token=tokens.access_token,
            now=self._clock.unix(),
            max_age=max_age,
        )
