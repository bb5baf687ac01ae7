"""Id tokens: verified by the provider's keys, then held against what they must say."""

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.provider.id_token_claims import Wanted, check_claims
from netscript_auth_kv_oauth.provider.signatures import Signatures
from netscript_kernel.jose.jws import Jws, JwsError, parse_jws


class IdTokens:
    """Reads the id tokens of one provider.

    Args:
        signatures: Verify them.
    """

    def __init__(self, signatures: Signatures) -> None:
        self._signatures = signatures

    async def read(self, token: str, algorithms: frozenset[str], wanted: Wanted) -> Jws:
        """Return a token that is the provider's, for us and for this flow.

        Args:
            token: Compact JWS.
            algorithms: What may have signed it.
            wanted: What it must say.

        Raises:
            FlowRefusedError: it is not.
            BackendUnavailableError: the keys cannot be had.
        """
        try:
            jws = parse_jws(token)
        except JwsError as error:
            raise _refusal(wanted, "a compact JWS", str(error)) from None
        if jws.algorithm not in algorithms:
            raise _refusal(wanted, f"alg of {' '.join(sorted(algorithms))}", jws.algorithm)
        if not await self._signatures.is_good(jws, wanted.tenants):
            raise _refusal(wanted, "a signature by a published key", f"kid {jws.key_id}")
        check_claims(jws, wanted)
        return jws


def _refusal(wanted: Wanted, expected: str, seen: str) -> FlowRefusedError:
    return FlowRefusedError(
        FlowReason.ID_TOKEN_INVALID, expected=expected, seen=ascii(seen), provider_id=wanted.provider_id
    )
