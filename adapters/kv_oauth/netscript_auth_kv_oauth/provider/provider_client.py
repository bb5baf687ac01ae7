"""Everything that is asked of one provider.

This module brings in httpx, joserfc and Authlib; ``provider_clients`` imports it at the first sign-in.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from netscript_auth_core.background import Background
from netscript_auth_core.cached_document import CachedDocument
from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError, ProviderProtocolError
from netscript_auth_core.flows.transactions import FlowSecrets
from netscript_auth_core.key_set import KeySet
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.grants.grants import Grant
from netscript_auth_kv_oauth.provider.authorization_url import authorization_url
from netscript_auth_kv_oauth.provider.client_requests import ClientRequests
from netscript_auth_kv_oauth.provider.discovery import ProviderMetadata, fetch_metadata, known_metadata
from netscript_auth_kv_oauth.provider.end_session import end_session_url
from netscript_auth_kv_oauth.provider.issuer_rules import check_response_issuer
from netscript_auth_kv_oauth.provider.logout_tokens import Logout, LogoutTokens
from netscript_auth_kv_oauth.provider.oauth2_identity import OAuth2Identity
from netscript_auth_kv_oauth.provider.openid_identity import OpenIdIdentity
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_auth_kv_oauth.provider.refusals import AnotherPersonError
from netscript_auth_kv_oauth.provider.revocation_endpoint import RevocationEndpoint
from netscript_auth_kv_oauth.provider.signatures import Signatures, fetch_keys
from netscript_auth_kv_oauth.provider.token_endpoint import TokenEndpoint
from netscript_auth_kv_oauth.provider.token_response import TokenResponse
from netscript_kernel.addresses import address_problem
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.kv_oauth")


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code led to: the person, the scopes, and a grant to be kept where it can be refreshed.

    Attributes:
        sid: Names the person's session at the provider.
        authenticated_at: When they showed it who they are, where it says so.
    """

    grant: Grant | None = field(repr=False)
    scopes: tuple[str, ...]
    identity: ExternalIdentity
    sid: str | None = field(default=None, repr=False)
    authenticated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh token led to; without identity where the provider did not say whose it is."""

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
        requests = ClientRequests(http, config, clock)
        self._tokens = TokenEndpoint(requests, config)
        self._revocation = RevocationEndpoint(requests, config.id)
        self._people: OpenIdIdentity | OAuth2Identity = (
            OpenIdIdentity(config, http, clock, background, self._metadata)
            if config.preset.is_openid
            else OAuth2Identity(config, http, known_metadata(config))
        )
        keys = KeySet(lambda: fetch_keys(http, config, self._metadata), clock, background)
        self._logouts = LogoutTokens(config, clock, self._metadata, Signatures(keys))

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
            iss, self._config, is_promised=metadata.authorization_response_iss_parameter_supported
        )

    async def redeem(
        self,
        code: str,
        secrets: FlowSecrets,
        redirect_uri: str,
        scopes: tuple[str, ...],
        from_callback: str | None = None,
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
        if not self._people.can_tell(response):
            raise FlowRefusedError(FlowReason.ID_TOKEN_MISSING, provider_id=self._config.id)
        person = await self._people.identify(response, secrets.nonce, from_callback, max_age=secrets.max_age)
        identity = person.identity
        granted = scopes if response.scopes is None else response.scopes
        grant = self._grant(response, identity, granted)
        return Redeemed(
            None if grant.is_empty else grant, granted, identity, person.sid, person.authenticated_at
        )

    async def refresh(self, grant: Grant) -> Refreshed:
        """Refresh a grant.

        Where nothing of use is said of the person, the new tokens count all the same: the old ones may be
        spent.

        Raises:
            AnotherPersonError: the new tokens are somebody else's.
            TokenRefusedError: the refresh token is not good.
            ProviderProtocolError: the answer of the token endpoint cannot be understood.
            BackendUnavailableError: no answer of it.
        """
        if grant.refresh_token is None:
            raise ValueError("a grant without a refresh token cannot be refreshed")
        metadata = await self._metadata.get()
        response = await self._tokens.refresh(
            metadata.token_endpoint,
            metadata.token_endpoint_auth_methods_supported,
            refresh_token=grant.refresh_token,
        )
        identity = await self._same_person(response, grant)
        # One that was not believed hints at nobody.
        id_token = self._kept_id_token(response) if identity is not None else None
        scopes = grant.scopes if response.scopes is None else response.scopes
        refreshed = grant.model_copy(
            update={
                # A server that does not rotate sends none: the old one goes on (RFC 6749 section 6).
                "refresh_token": response.refresh_token or grant.refresh_token,
                "expires_at": self._expiry(response),
                "scopes": scopes,
                "id_token": id_token or grant.id_token,
                "serial": grant.serial + 1,
            }
        )
        return Refreshed(refreshed, identity)

    async def read_logout(self, token: str) -> Logout:
        """Return what a logout token of the provider means.

        Raises as :meth:`LogoutTokens.read` does.
        """
        return await self._logouts.read(token)

    async def revoke(self, refresh_token: str) -> bool:
        """Have the provider forget a refresh token; ``False`` where it offers no way to.

        Raises as :meth:`RevocationEndpoint.revoke` does.
        """
        metadata = await self._metadata.get()
        known = self._config.endpoints.revocation or metadata.revocation_endpoint
        url = self._usable("revocation_endpoint", known)
        if url is None:
            return False
        methods = metadata.revocation_endpoint_auth_methods_supported
        await self._revocation.revoke(url, methods, refresh_token)
        return True

    @property
    def signs_browsers_out(self) -> bool:
        """Whether a sign-out sends the browser there."""
        return self._config.end_session

    async def end_session_url(self, id_token: str | None, return_to: str, state: str) -> str | None:
        """Return where a browser is signed out at the provider; ``None`` where that is nowhere."""
        metadata = await self._metadata.get()
        known = self._config.end_session_endpoint or metadata.end_session_endpoint
        url = self._usable("end_session_endpoint", known)
        return None if url is None else end_session_url(url, self._config, id_token, return_to, state)

    def _usable(self, name: str, url: str | None) -> str | None:
        """Return an optional address; one that is not sound is as if it were not there."""
        problem = (
            "is not in its metadata"
            if url is None
            else address_problem(url, allow_loopback_http=not self._is_production)
        )
        if problem is None:
            return url
        _log.info("provider %s cannot be told of a sign-out: its %s %s", self._config.id, name, problem)
        return None

    async def _same_person(self, response: TokenResponse, grant: Grant) -> ExternalIdentity | None:
        if not self._people.can_tell(response):
            return None
        before = (grant.account_issuer or grant.issuer, grant.subject)
        # What was granted is kept all the same: the refresh token that it took the place of is spent.
        try:
            return (await self._people.identify(response, None, None, before)).identity
        except AnotherPersonError:
            raise
        except FlowRefusedError as error:
            _log.error(
                "provider %s: refreshed, but not believed of the person (%s): expected %s, saw %s",
                self._config.id,
                error.code.value,
                error.expected,
                error.seen,
            )
        except (BackendUnavailableError, ProviderProtocolError) as error:
            _log.warning("refreshed without asking who it is: %s", error)
        return None

    def _grant(self, response: TokenResponse, identity: ExternalIdentity, scopes: tuple[str, ...]) -> Grant:
        issuer = self._config.issuer
        return Grant(
            provider_id=self._config.id,
            issuer=issuer,
            subject=identity.subject,
            account_issuer=identity.issuer if identity.issuer != issuer else None,
            refresh_token=response.refresh_token,
            expires_at=self._expiry(response),
            scopes=scopes,
            id_token=self._kept_id_token(response),
        )

    def _kept_id_token(self, response: TokenResponse) -> str | None:
        return response.id_token if self._config.needs_id_token_hint else None

    def _expiry(self, response: TokenResponse) -> datetime | None:
        return self._clock.now() + response.lifetime if response.lifetime is not None else None

    async def _fetch_metadata(self) -> ProviderMetadata:
        if not self._config.preset.is_openid:
            return known_metadata(self._config)
        return await fetch_metadata(self._http, self._config, is_production=self._is_production)
