"""Tokens as WorkOS issues them."""

from pydantic import BaseModel, ConfigDict, Field


class IssuedTokens(BaseModel):
    """What a code, or a refresh token, was traded for.

    Attributes:
        access_token: Not verified yet.
        refresh_token: Good once.
        user: The person, in the API's names.
    """

    model_config = ConfigDict(frozen=True)

    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)
    user: dict[str, object] = Field(repr=False)
