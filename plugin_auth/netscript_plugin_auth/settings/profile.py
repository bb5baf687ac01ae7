"""Which profile the service runs in, and what that means for values that nobody set."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, ValidationInfo
from pydantic_settings import SettingsConfigDict

from netscript_kernel.settings import Fix, Settings

PREFIX: Final = "NETSCRIPT_AUTH_"

Profile: TypeAlias = Literal["production", "development"]

_PRODUCTION: Final = "production"
_DEVELOPMENT: Final = "development"


class ProfileSettings(Settings):
    """The profile; every other group extends this one."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    profile: Annotated[Profile, Fix("production, or development on your own machine")] = Field(
        default=_PRODUCTION, validation_alias="NETSCRIPT_PROFILE"
    )

    @property
    def is_production(self) -> bool:
        """Whether nothing may be laxer than it must be."""
        return self.profile != _DEVELOPMENT


def is_development(info: ValidationInfo) -> bool:
    """Whether the profile of the settings that are being checked is development."""
    return info.data.get("profile") == _DEVELOPMENT


def development_default(info: ValidationInfo, value: str) -> str:
    """Return what development fills in where nothing was set.

    Raises:
        ValueError: in production, which has to be told.
    """
    # A profile that is wrong is not in the data. Its fault is told, so it is not told that more is missing.
    if info.data.get("profile") == _PRODUCTION:
        raise ValueError("is not set")
    return value
