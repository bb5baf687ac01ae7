"""The body of an answer of ``/verify`` that lets a request pass."""

from datetime import datetime

from netscript_auth_core.domain import Principal
from netscript_kernel.contracts import WireModel


class VerifiedUser(WireModel):
    """The person."""

    id: str
    name: str | None = None
    email: str | None = None
    email_verified: bool = False


class VerifyView(WireModel):
    """Who calls."""

    principal: Principal
    user: VerifiedUser
    authenticated_at: datetime
    expires_at: datetime
