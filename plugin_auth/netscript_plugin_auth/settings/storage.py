"""Where the service keeps what it has to remember, and the keys that seal it."""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import parse_keys
from netscript_kernel.kv.urls import check_store_url
from netscript_kernel.settings import Fix
from netscript_plugin_auth.settings.profile import ProfileSettings, development_default, is_development

MAKE_A_KEY: Final = "the output of: netscript auth secret generate"
_HEX_KEY: Final = re.compile(r"[0-9A-Fa-f]{64}")


class StorageSettings(ProfileSettings):
    """The store, and what is kept sealed in it.

    Attributes:
        data_dir: A folder of ours, for a store that names no file.
        kv_url: The store of sessions and of everything else.
        keys: Comma-separated, current first; ``None`` in development, which makes one and keeps it.
    """

    data_dir: Annotated[Path | None, Fix("a folder that this service may write to")] = Field(
        default=None, validation_alias="NETSCRIPT_DATA_DIR", validate_default=True
    )
    kv_url: Annotated[
        SecretStr,
        Fix(
            "where sessions are kept: sqlite:////var/lib/netscript/kv.db, or rediss://USER:PASSWORD@host:6379/0"
        ),
    ] = Field(default=SecretStr(""), validation_alias="NETSCRIPT_KV_URL", validate_default=True)
    keys: Annotated[SecretStr | None, Fix(MAKE_A_KEY)] = Field(default=None, validate_default=True)

    @field_validator("data_dir")
    @classmethod
    def _data_dir(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        return value or (Path(".data") if is_development(info) else None)

    @field_validator("kv_url")
    @classmethod
    def _kv_url(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        url = value.get_secret_value() or development_default(info, "sqlite://")
        try:
            check_store_url(url, data_dir=info.data.get("data_dir"))
        except ConfigurationError as error:
            raise ValueError(error.faults[0].problem) from None
        return SecretStr(url)

    @field_validator("keys")
    @classmethod
    def _keys(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            development_default(info, "")
            return None
        text = value.get_secret_value()
        if any(_HEX_KEY.fullmatch(part.strip()) for part in text.split(",")):
            raise ValueError("has a key in hexadecimal; base64url of 32 random bytes is needed")
        try:
            parse_keys(text)
        except ValueError as error:
            raise ValueError(f"is not usable: {error}") from None
        return value
