"""Logout tokens of one provider: what costs nothing is checked first, since anybody may send them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from netscript_auth_core.cached_document import CachedDocument
from netscript_auth_core.errors import LogoutRefusedError
from netscript_auth_core.reasons import LogoutReason
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.provider.discovery import ProviderMetadata
from netscript_auth_kv_oauth.provider.logout_token_claims import WantedLogout, check_logout_claims
from netscript_auth_kv_oauth.provider.signatures import Signatures, accepted_algorithms
from netscript_kernel.clock import Clock
from netscript_kernel.jose.jws import Jws, JwsError, parse_jws

_SIGNED: Final = "a signature by a published key"


@dataclass(frozen=True, slots=True)
class Logout:
    """What a good logout token means.

    Attributes:
        issuer: Who says so, as people's accounts have it.
        subject: Whose sessions end; ``None`` where only ``sid`` is said.
        sid: Which session at the provider; ``None`` for all of the person's.
        token_id: Of no other token of this issuer.
        refused_from: From then on the token is refused for its age.
    """

    issuer: str
    subject: str | None
    sid: str | None
    token_id: str
    refused_from: datetime


class LogoutTokens:
    """Reads them.

    Args:
        config: Our registration at the provider.
        clock: Tells ages.
        metadata: The provider's.
        signatures: By keys of its own: what strangers send here makes no sign-in wait.
    """

    def __init__(
        self,
        config: ProviderConfig,
        clock: Clock,
        metadata: CachedDocument[ProviderMetadata],
        signatures: Signatures,
    ) -> None:
        self._config = config
        self._clock = clock
        self._metadata = metadata
        self._signatures = signatures

    async def read(self, token: str) -> Logout:
        """Return what a token means that is the provider's, for us and of now.

        Raises:
            LogoutRefusedError: it is not.
            BackendUnavailableError: metadata or keys cannot be had.
        """
        jws = self._parse(token)
        self._check_algorithm(jws, self._config.preset.id_token.algorithms)
        claims = check_logout_claims(jws, self._wanted())
        self._check_algorithm(jws, accepted_algorithms(self._config, await self._metadata.get()))
        if not await self._signatures.is_good(jws, self._config.tenants):
            raise self._refusal(LogoutReason.SIGNATURE_INVALID, _SIGNED, f"kid {jws.key_id}")
        return Logout(
            issuer=str(jws.claims["iss"]) if self._config.tenants else self._config.issuer,
            subject=claims.subject,
            sid=claims.sid,
            token_id=claims.token_id,
            refused_from=datetime.fromtimestamp(claims.refused_from, UTC),
        )

    def _parse(self, token: str) -> Jws:
        try:
            return parse_jws(token)
        except JwsError as error:
            raise self._refusal(LogoutReason.TOKEN_MALFORMED, "a compact JWS", str(error)) from None

    def _check_algorithm(self, jws: Jws, accepted: Collection[str]) -> None:
        if jws.algorithm not in accepted:
            expected = f"alg of {' '.join(sorted(accepted))}"
            raise self._refusal(LogoutReason.ALGORITHM_REFUSED, expected, jws.algorithm)

    def _wanted(self) -> WantedLogout:
        config = self._config
        return WantedLogout(
            provider_id=config.id,
            issuers=(config.issuer, *config.preset.id_token.also_issuers),
            tenants=config.tenants,
            client_id=config.client_id,
            now=self._clock.unix(),
        )

    def _refusal(self, reason: LogoutReason, expected: str, seen: str) -> LogoutRefusedError:
        return LogoutRefusedError(reason, expected=expected, seen=ascii(seen), provider_id=self._config.id)
