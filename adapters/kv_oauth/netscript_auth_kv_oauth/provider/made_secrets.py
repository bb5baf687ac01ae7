"""Client secrets that we make: a short-lived ES256 JWT in place of one that somebody stores (Apple).

Source: https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
"""

from datetime import timedelta
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.protocol import ClientSecret
from netscript_kernel.clock import Clock

LIFETIME: Final = timedelta(minutes=10).total_seconds()
_MADE_ANEW: Final = timedelta(minutes=2).total_seconds()
TEAM, KEY_ID, KEY = "team_id", "key_id", "private_key"


def key_problem(pem: str) -> str | None:
    """Return what is wrong with a private key, in words that repeat nothing of it, or ``None``."""
    try:
        key = load_pem_private_key(_lines(pem), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "is not a private key in PEM form"
    is_right = isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
    return None if is_right else "is not a key of the curve P-256"


class ClientSecrets:
    """The client secret of one provider, as it is now.

    Args:
        config: Has it, or what it is made of.
        clock: Tells when a made one ends.
    """

    def __init__(self, config: ProviderConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._made = ""
        self._good_until = 0.0

    def current(self) -> str | None:
        """Return it, or ``None`` for a public client."""
        if self._config.preset.client_secret is not ClientSecret.ES256_JWT:
            given = self._config.client_secret
            return given.get_secret_value() if given is not None else None
        now = self._clock.unix()
        if now >= self._good_until - _MADE_ANEW:
            self._made = self._make(int(now))
            self._good_until = int(now) + LIFETIME
        return self._made

    def _make(self, now: int) -> str:
        # Here and not at the top: the configuration is judged without joserfc, which is slow to import.
        from joserfc import jwt
        from joserfc.jwk import ECKey

        values = self._config.parameters
        key = values[KEY]
        text = key.get_secret_value() if isinstance(key, SecretStr) else key
        header = {"alg": "ES256", "kid": str(values[KEY_ID])}
        claims = {
            "iss": str(values[TEAM]),
            "iat": now,
            "exp": now + int(LIFETIME),
            "aud": self._config.issuer,
            "sub": self._config.client_id,
        }
        return jwt.encode(header, claims, ECKey.import_key(_lines(text)))


def _lines(pem: str) -> bytes:
    # A variable of one line writes its line ends as \n.
    return pem.replace("\\n", "\n").encode()
