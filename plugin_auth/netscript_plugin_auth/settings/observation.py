"""What an operator gets to see: events, and metrics."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from netscript_kernel.ids import decode_base64url
from netscript_kernel.keyring import KEY_BYTES, parse_keys
from netscript_kernel.settings import CommaSeparated, Duration, Fix, between
from netscript_plugin_auth.settings.entries import check_each
from netscript_plugin_auth.settings.storage import MAKE_A_KEY, StorageSettings

AUDIT_LOG: Final = "log"
AUDIT_STORE: Final = "store"

_PLACES: Final = (AUDIT_LOG, AUDIT_STORE)
_SHORTEST: Final = timedelta(hours=1)
_LONGEST: Final = timedelta(days=90)
# It stands in a header, and nobody may guess it.
_METRICS_TOKEN: Final = re.compile(r"[!-~]{16,512}")


class ObservationSettings(StorageSettings):
    """Events and metrics.

    Attributes:
        audit: Where events go: the log, the store.
        audit_keep: How long the store keeps them.
        audit_salt: Makes pseudonyms for events; ``None`` leaves out whom they are about.
        metrics_token: Lets its bearer read ``/metrics``; ``None`` where nothing is counted.
    """

    audit: Annotated[CommaSeparated, Fix("log, store or both, separated by commas")] = _PLACES
    audit_keep: Annotated[
        Duration, between(_SHORTEST, _LONGEST), Fix("a duration such as 3d, from 1h to 90d")
    ] = timedelta(days=3)
    audit_salt: Annotated[SecretStr | None, Fix(MAKE_A_KEY)] = None
    metrics_token: Annotated[SecretStr | None, Fix("a secret of at least 16 characters for Prometheus")] = (
        Field(default=None, validation_alias="NETSCRIPT_METRICS_TOKEN")
    )

    @field_validator("audit")
    @classmethod
    def _audit(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no place")
        return check_each(value, lambda entry: entry in _PLACES, "is no place for events")

    @field_validator("audit_salt")
    @classmethod
    def _audit_salt(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        keys: SecretStr | None = info.data.get("keys")
        return SecretStr(_salt(value.get_secret_value(), keys.get_secret_value() if keys else ""))

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _METRICS_TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is no secret of 16 to 512 visible ASCII characters")
        return value


def _salt(text: str, keys: str) -> str:
    """Return a salt, checked to be what nobody guesses, and to be used for nothing else."""
    salt = text.strip()
    try:
        secret = decode_base64url(salt)
    except ValueError:
        raise ValueError("is not base64url") from None
    if len(secret) < KEY_BYTES:
        raise ValueError(f"is {len(secret)} bytes long, {KEY_BYTES} or more are needed")
    if len(set(secret)) < KEY_BYTES // 4:
        raise ValueError("is not random")
    # Keys are changed, and then forgotten; the salt stays, or nobody is found again.
    if keys and secret in parse_keys(keys):
        raise ValueError("is one of NETSCRIPT_AUTH_KEYS, and has to be a secret of its own")
    return salt
