"""Everything that is asked of one provider, behind four questions.

This module brings in httpx, joserfc and Authlib; ``provider_clients`` imports it at the first sign-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.authorization_url import authorization_url
from netscript_auth_kv_oauth.background import Background
from netscript_auth_kv_oauth.cached_document import CachedDocument
from netscript_auth_kv_oauth.discovery import ProviderMetadata, fetch_document, fetch_metadata
from netscript_auth_kv_oauth.grants import Grant
from netscript_auth_kv_oauth.id_token_claims import Wanted
from netscript_auth_kv_oauth.id_tokens import IdTokens
from netscript_auth_kv_oauth.issuer_rules import check_response_issuer
from netscript_auth_kv_oauth.key_sets import Keys, KeySet, read_key_set
from netscript_auth_kv_oauth.profile_claims import is_profile_complete, read_identity
from netscript_auth_kv_oauth.provider_http import ProviderHttp
from netscript_auth_kv_oauth.providers import ProviderConfig
from netscript_auth_kv_oauth.token_endpoint import TokenEndpoint
from netscript_auth_kv_oauth.token_response import TokenResponse
from netscript_auth_kv_oauth.transactions import FlowSecrets
from netscript_auth_kv_oauth.userinfo import fetch_userinfo
from netscript_kernel.clock import Clock

_NO_CLAIMS: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code led to: the person, the scopes, and a grant to be kept where it can be renewed."""

    grant: Grant | None = field(repr=False)
    scopes: tuple[str, ...]
    identity: ExternalIdentity


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a refresh token led to; without identity where no new id token came along."""

    grant: Grant = field(repr=False)
    identity: ExternalIdentity | None


class ProviderClient:
    """One provider.

    Args:
        config: Our registration there.
        http: Speaks to it.
        clock: Tells ages and expiries.
        background: Holds fetches.
        is_production: Whether it must be spoken to by https.
    """

    def __init__(
        self,
        config: ProviderConfig,
        http: ProviderHttp,
        clock: Clock,
        background: Background,
        *,
        is_production: bool,
    ) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._is_production = is_production
        self._metadata = CachedDocument(self._fetch_metadata, clock, background)
        self._id_tokens = IdTokens(KeySet(self._fetch_keys, clock, background))
        self._tokens = TokenEndpoint(http, config)

    async def authorization_url(
        self, state: str, secrets: FlowSecrets, scopes: tuple[str, ...], login_hint: str | None
    ) -> str:
        """Return where to send the browser."""
        metadata = await self._metadata.get()
        return authorization_url(
            metadata.authorization_endpoint,
            self._config,
            state=state,
            secrets=secrets,
            scopes=scopes,
            login_hint=login_hint,
        )

    async def check_reachable(self) -> None:
        """Return when the provider's metadata is at hand, which everything else needs."""
        await self._metadata.get()

    async def check_response_issuer(self, iss: str | None) -> None:
        """Refuse an authorization response that is another provider's."""
        metadata = await self._metadata.get()
        check_response_issuer(
            iss,
            issuer=self._config.issuer,
            is_promised=metadata.authorization_response_iss_parameter_supported,
            provider_id=self._config.id,
        )

    async def redeem(
        self, code: str, secrets: FlowSecrets, redirect_uri: str, scopes: tuple[str, ...]
    ) -> Redeemed:
        """Trade a code for a grant, and find out who the person is.

        Raises:
            TokenRefusedError: the code is not good.
            FlowRefusedError: the id token or userinfo is not to be believed.
            ProviderProtocolError: an answer cannot be understood.
            BackendUnavailableError: no answer; start over.
        """
        metadata = await self._metadata.get()
        response = await self._tokens.redeem(
            metadata.token_endpoint,
            metadata.token_endpoint_auth_methods_supported,
            code=code,
            verifier=secrets.verifier,
            redirect_uri=redirect_uri,
        )
        if response.id_token is None:
            raise FlowRefusedError(FlowReason.ID_TOKEN_MISSING, provider_id=self._config.id)
        identity = await self._identify(response.id_token, response.access_token, secrets.nonce)
        granted = scopes if response.scopes is None else response.scopes
        if response.refresh_token is None:
            return Redeemed(None, granted, identity)
        grant = self._grant(response, identity.subject, granted, response.refresh_token)
        return Redeemed(grant, granted, identity)

    async def renew(self, grant: Grant) -> Renewed:
        """Renew a grant. Raises as :meth:`redeem` does; a new id token must be about the same person."""
        metadata = await self._metadata.get()
        response = await self._tokens.refresh(
            metadata.token_endpoint,
            metadata.token_endpoint_auth_methods_supported,
            refresh_token=grant.refresh_token,
        )
        scopes = grant.scopes if response.scopes is None else response.scopes
        # A server that does not rotate sends none: the old one goes on (RFC 6749 section 6).
        refresh_token = response.refresh_token or grant.refresh_token
        renewed = self._grant(response, grant.subject, scopes, refresh_token)
        if response.id_token is None:
            return Renewed(renewed, None)
        identity = await self._identify(response.id_token, response.access_token, None)
        # OpenID Connect Core section 12.2.
        if identity.subject != grant.subject:
            raise FlowRefusedError(FlowReason.SUBJECT_MISMATCH, provider_id=self._config.id)
        return Renewed(renewed, identity)

    async def _identify(self, id_token: str, access_token: str, nonce: str | None) -> ExternalIdentity:
        metadata = await self._metadata.get()
        jws = await self._id_tokens.read(
            id_token, self._algorithms(metadata), self._wanted(access_token, nonce)
        )
        subject = str(jws.claims["sub"])
        more = _NO_CLAIMS
        if metadata.userinfo_endpoint is not None and not is_profile_complete(jws.claims):
            more = await fetch_userinfo(
                self._http, self._config.id, metadata.userinfo_endpoint, access_token, subject
            )
        return read_identity(self._config, subject, jws.claims, more)

    def _wanted(self, access_token: str, nonce: str | None) -> Wanted:
        return Wanted(
            provider_id=self._config.id,
            issuers=(self._config.issuer, *self._config.preset.also_issuers),
            client_id=self._config.client_id,
            nonce=nonce,
            access_token=access_token,
            now=self._clock.unix(),
        )

    def _algorithms(self, metadata: ProviderMetadata) -> frozenset[str]:
        accepted = frozenset(self._config.preset.algorithms)
        announced = metadata.id_token_signing_alg_values_supported
        return accepted if announced is None else accepted.intersection(announced)

    def _grant(
        self, response: TokenResponse, subject: str, scopes: tuple[str, ...], refresh_token: str
    ) -> Grant:
        lifetime: timedelta | None = response.lifetime
        return Grant(
            provider_id=self._config.id,
            issuer=self._config.issuer,
            subject=subject,
            refresh_token=refresh_token,
            expires_at=self._clock.now() + lifetime if lifetime is not None else None,
            scopes=scopes,
        )

    async def _fetch_metadata(self) -> ProviderMetadata:
        return await fetch_metadata(self._http, self._config, is_production=self._is_production)

    async def _fetch_keys(self) -> Keys:
        metadata = await self._metadata.get()
        document = await fetch_document(self._http, self._config.id, metadata.jwks_uri, "key set")
        return read_key_set(document, self._config.preset.algorithms)
