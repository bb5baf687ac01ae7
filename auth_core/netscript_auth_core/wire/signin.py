"""Bodies and queries of a sign-in: how it begins, what the provider sends back, how it ends."""

from typing import Final, Literal

from pydantic import Field

from netscript_kernel.contracts import InputModel, WireModel

LONGEST_MAX_AGE: Final = 86_400 * 30


class SigninInput(InputModel):
    """Body of a sign-in request.

    Attributes:
        max_age: Seconds, at most 30 days: the person has to have shown the provider who they are within them,
            or is asked to by the provider. Zero asks in any case.
    """

    provider_id: str | None = Field(default=None, max_length=64)
    redirect_to: str | None = Field(default=None, max_length=2048)
    login_hint: str | None = Field(default=None, max_length=320)
    scopes: tuple[str, ...] = Field(default=(), max_length=50)
    max_age: int | None = Field(default=None, ge=0, le=LONGEST_MAX_AGE)


class SigninQuery(WireModel):
    """The same as a query, as a link has it; ``scopes`` are separated by spaces."""

    provider_id: str | None = Field(default=None, max_length=64)
    redirect_to: str | None = Field(default=None, max_length=2048)
    login_hint: str | None = Field(default=None, max_length=320)
    scopes: str | None = Field(default=None, max_length=2048)
    max_age: int | None = Field(default=None, ge=0, le=LONGEST_MAX_AGE)


class SigninReply(WireModel):
    """Where to send the browser. The flow cookie comes with it."""

    started: Literal[True] = True
    provider_id: str
    redirect_url: str = Field(repr=False)
    state: str = Field(repr=False)


class CallbackQuery(WireModel):
    """What a provider sends back (RFC 6749 section 4.1.2, RFC 9207)."""

    code: str | None = Field(default=None, repr=False)
    state: str | None = Field(default=None, repr=False)
    iss: str | None = None
    error: str | None = None
    # The one name with two words is OAuth's, not ours.
    error_description: str | None = Field(default=None, repr=False, alias="error_description")


class ProviderCallbackQuery(CallbackQuery):
    """The same, on the path of one provider."""

    provider_id: str


class CallbackReply(WireModel):
    """Somebody signed in; the session cookie comes with it. ``subject`` is our user id."""

    completed: Literal[True] = True
    redirect_to: str
    subject: str
