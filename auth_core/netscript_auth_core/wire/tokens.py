"""Bodies of a request for a token, by which a service behind knows who asks."""

from typing import Literal

from pydantic import Field

from netscript_kernel.contracts import InputModel, WireModel


class TokenInput(InputModel):
    """Body of a request for a token.

    Attributes:
        audience: Which service it is for; may be left out where there is one alone.
    """

    audience: str | None = Field(default=None, max_length=255)


class TokenReply(WireModel):
    """A token for one service: ``Authorization: Bearer`` there, and nothing at auth-api."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # a kind of token, and none
    expires_in: int
