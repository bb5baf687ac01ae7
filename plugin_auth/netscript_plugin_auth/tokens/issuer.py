"""Issues tokens for the services behind, and publishes the keys by which these verify them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

import orjson

from netscript_auth_core.domain import Principal
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import Identity
from netscript_kernel.clock import Clock
from netscript_plugin_auth.tokens.claims import claims_of, life_of
from netscript_plugin_auth.tokens.key_records import SigningKey
from netscript_plugin_auth.tokens.signing_keys import SigningKeys

Mint: TypeAlias = Callable[[Mapping[str, object], SigningKey], str]


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token, for which service it is, and for how many seconds it is good."""

    text: str = field(repr=False)
    audience: str
    expires_in: int


class TokenIssuer:
    """Issues a token to whoever is signed in, and says by which keys it is verified.

    Args:
        issuer: What the outside calls this service.
        audiences: Services that take tokens.
        ttl: How long a token is good, unless its session ends before.
        keys: Sign.
        mint: Writes a signed token.
        clock: Says when.
    """

    def __init__(
        self,
        issuer: str,
        audiences: Sequence[str],
        ttl: timedelta,
        *,
        keys: SigningKeys,
        mint: Mint,
        clock: Clock,
    ) -> None:
        self.keys = keys
        self._issuer = issuer
        self._audiences = frozenset(audiences)
        self._default = audiences[0] if len(audiences) == 1 else None
        self._ttl = ttl
        self._mint = mint
        self._clock = clock

    async def issue(self, identity: Identity, principal: Principal, audience: str | None) -> IssuedToken:
        """Return a token of a session for one service.

        Args:
            identity: Who asks.
            principal: The same, for authorization.
            audience: Which service; needed where there are several.

        Raises:
            InvalidInputError: no such service.
            SessionEndedError: the session ends within this second.
            BackendUnavailableError: the store of the keys did not answer.
        """
        service = self._service(audience)
        now = self._clock.now()
        life = life_of(identity.session, now, self._ttl)
        claims = claims_of(identity, principal, life, issuer=self._issuer, audience=service)
        return IssuedToken(self._mint(claims, await self.keys.current()), service, life.seconds)

    async def key_set(self) -> bytes:
        """Return the published keys as a JWK set (RFC 7517 section 5). Raises as :meth:`issue` does."""
        return orjson.dumps({"keys": [key.record.jwk for key in await self.keys.published()]})

    def _service(self, audience: str | None) -> str:
        service = self._default if audience is None else audience
        if service is None:
            raise InvalidInputError("audience", "There are several services; name one of them")
        if service not in self._audiences:
            raise InvalidInputError("audience", "This service is not known here")
        return service
