"""What four libraries think of the signature of a token: joserfc as we use it, and three as they come."""

import json
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import jwt as pyjwt
from jose import jwt as jose_jwt
from jose.exceptions import JOSEError
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from netscript_auth_core.background import Background
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.key_set import KeySet
from netscript_auth_kv_oauth.presets.protocol import ASYMMETRIC_ALGORITHMS
from netscript_auth_kv_oauth.provider.id_token_claims import Wanted
from netscript_auth_kv_oauth.provider.id_tokens import IdTokens
from netscript_auth_kv_oauth.provider.signatures import Signatures
from netscript_kernel.clock import SettableClock
from netscript_kernel.jose.keys import Keys, read_key_set
from tests.kv_oauth.pretend import FIRST_KEY

NOW: Final = 1_767_225_600
CLAIMS: Final[Mapping[str, object]] = {
    "iss": "https://idp.example",
    "aud": "app",
    "sub": "somebody",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "the-nonce",
}
WANTED: Final = Wanted("idp", ("https://idp.example",), "app", "the-nonce", "a-token", float(NOW))
ALLOWED: Final = frozenset(ASYMMETRIC_ALGORITHMS)
SIGNERS: Final[Mapping[str, RSAKey | ECKey | OKPKey]] = {
    "rsa": FIRST_KEY,
    "p256": ECKey.generate_key("P-256"),
    "p384": ECKey.generate_key("P-384"),
    "p521": ECKey.generate_key("P-521"),
    "ed": OKPKey.generate_key("Ed25519"),
}
SIGNER_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "rsa"),
    "ES256": "p256",
    "ES384": "p384",
    "ES512": "p521",
    "EdDSA": "ed",
    "Ed25519": "ed",
}
JWKS: Final[Sequence[dict[str, Any]]] = [
    {**key.as_dict(private=False), "kid": kid} for kid, key in SIGNERS.items()
]
_ONLY_SIGNATURE: Final = dict.fromkeys(
    [f"verify_{name}" for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti", "at_hash")], False
)
# Which library knows which algorithms; what it does not know, it cannot have an opinion on.
KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "joserfc": ALLOWED,
    "pyjwt": ALLOWED - {"Ed25519"},
    "jose": frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}),
}


def our_opinion() -> Callable[[str], Awaitable[bool]]:
    """Return what asks kv-oauth, which reads everything: form, algorithm, signature, claims."""
    keys = read_key_set({"keys": list(JWKS)}, ASYMMETRIC_ALGORITHMS)

    async def fetch() -> Keys:
        return keys

    tokens = IdTokens(Signatures(KeySet(fetch, SettableClock(), Background())))

    async def accepts(token: str) -> bool:
        try:
            await tokens.read(token, ALLOWED, WANTED)
        except FlowRefusedError:
            return False
        return True

    return accepts


def opinions(token: str) -> dict[str, bool]:
    """Return whether each library that knows the algorithm accepts the signature."""
    algorithm, kid = _header(token)
    asked = {
        "joserfc": partial(_joserfc, token),
        "pyjwt": partial(_pyjwt, token, algorithm),
        "jose": partial(_jose, token),
    }
    candidates = [key for key in JWKS if kid in {None, key["kid"]}]
    return {
        name: any(ask(key) for key in candidates) for name, ask in asked.items() if algorithm in KNOWN[name]
    }


def _header(token: str) -> tuple[str, object]:
    """Read the header as leniently as anybody might."""
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "==="))
        return str(header["alg"]), header.get("kid")
    except (ValueError, LookupError, TypeError, AttributeError):
        return "", None


def _joserfc(token: str, key: dict[str, Any]) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # it calls EdDSA by an old name
            joserfc_jwt.decode(token, JWKRegistry.import_key(key), algorithms=list(ALLOWED))
    except (JoseError, ValueError):
        return False
    return True


def _pyjwt(token: str, algorithm: str, key: dict[str, Any]) -> bool:
    try:
        imported = pyjwt.PyJWK(key, algorithm)
        pyjwt.decode(token, imported, algorithms=list(ALLOWED), options=_ONLY_SIGNATURE)  # type: ignore[arg-type]
    except pyjwt.PyJWTError:
        return False
    return True


def _jose(token: str, key: dict[str, Any]) -> bool:
    try:
        jose_jwt.decode(token, key, algorithms=list(KNOWN["jose"]), options=_ONLY_SIGNATURE)
    except (JOSEError, ValueError, TypeError):
        return False
    return True
