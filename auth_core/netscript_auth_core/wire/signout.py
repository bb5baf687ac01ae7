"""Bodies of a sign-out, by the person and by the provider."""

from typing import Literal

from pydantic import Field

from netscript_auth_core.ports import UpstreamStatus
from netscript_kernel.contracts import InputModel, WireModel


class SignoutInput(InputModel):
    """Body of a sign-out request, here or on every device."""

    everywhere: bool = False
    redirect_to: str | None = Field(default=None, max_length=2048)


class UpstreamView(WireModel):
    """What became of what the identity provider had granted to the sessions that ended.

    Attributes:
        status: ``done``: nothing of it is left there. ``pending``: it is still to be told. ``refused``: it
            does not let us end it. ``unsupported``: there is no way to tell it. Left out where it had granted
            nothing that outlives a sign-in.
        end_session_url: Where to send the browser to be signed out there, too: an address of ours, good once,
            for ten minutes, and for this browser, which leads on to the provider. From there it comes back
            to us, and goes to ``redirectTo``.
    """

    status: UpstreamStatus | None = None
    end_session_url: str | None = Field(default=None, repr=False)


class SignoutReply(WireModel):
    """Nobody is signed in here any more, whether somebody was before or not.

    Attributes:
        ended: How many sessions ended. None where the one that asks had ended before: it cannot end others
            then, ``everywhere`` or not, and whoever wishes that has to sign in again.
        upstream: Left out where nobody was signed in, or nothing was granted and no browser is sent there.
    """

    signed_out: Literal[True] = True
    ended: int = 0
    redirect_to: str | None = None
    upstream: UpstreamView | None = None


class BackchannelLogoutInput(WireModel):
    """What a provider posts as a form when somebody signs out there."""

    provider_id: str
    # The name is OpenID Connect's, not ours.
    logout_token: str = Field(repr=False, alias="logout_token")
