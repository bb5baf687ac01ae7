"""Every answer that turns a request away: problem+json, with the headers that its status asks for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from netscript_auth_client.caller import Denied, Nobody
from netscript_auth_client.reasons import DeniedReason, NobodyReason
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.access import AccessRefusedError
from netscript_kernel.contracts import FORBIDDEN, UNAUTHORIZED, UNAVAILABLE, ProblemSpec
from netscript_kernel.problem_documents import PROBLEM_MEDIA_TYPE, problem_document

CHALLENGE: Final = "www-authenticate"
_ABOUT_THE_TOKEN: Final = frozenset(
    {NobodyReason.TOKEN_INVALID, NobodyReason.TOKEN_EXPIRED, NobodyReason.SESSION_REVOKED}
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer that turns a request away.

    Attributes:
        data: For programs: always a ``reason``.
        headers: Besides those of every refusal.
        detail: For people.
    """

    spec: ProblemSpec
    data: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    detail: str | None = None

    def body(self) -> bytes:
        """Return the problem document."""
        return problem_document(self.spec, detail=self.detail, data=self.data)

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as ASGI has them."""
        headers = {"content-type": PROBLEM_MEDIA_TYPE, "cache-control": "no-store", **self.headers}
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


class RefusedError(AccessRefusedError):
    """Raised to turn a request away; middleware and services of the kernel answer with the refusal.

    Attributes:
        refusal: What is answered.
    """

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.spec, data=refusal.data, headers=refusal.headers, detail=refusal.detail)


def for_nobody(outcome: Nobody) -> Refusal:
    """Nobody is signed in: 401 (RFC 6750 section 3)."""
    challenge = 'Bearer error="invalid_token"' if outcome.reason in _ABOUT_THE_TOKEN else "Bearer"
    return Refusal(UNAUTHORIZED, {"reason": outcome.reason}, {CHALLENGE: challenge})


def for_denied(outcome: Denied) -> Refusal:
    """Somebody is signed in who may not come in: 403."""
    return Refusal(FORBIDDEN, {"reason": outcome.reason})


def for_outage(error: BackendUnavailableError) -> Refusal:
    """Could not find out: 503, and when to try again."""
    seconds = max(1, math.ceil(error.retry_after.total_seconds()))
    return Refusal(UNAVAILABLE, {"reason": error.reason}, {"retry-after": str(seconds)})


def for_little_known() -> Refusal:
    """The headers of a proxy say too little of the person for this: 403, since no sign-in adds to that."""
    detail = "needs to know more of the sign-in than the proxy in front of this service says"
    return Refusal(FORBIDDEN, {"reason": DeniedReason.TOO_LITTLE_KNOWN.value}, detail=detail)


def for_missing_scopes(missing: Sequence[str]) -> Refusal:
    """Scopes are missing: 403 that names them (RFC 6750 section 3.1)."""
    challenge = f'Bearer error="insufficient_scope", scope="{" ".join(missing)}"'
    data = {"reason": DeniedReason.SCOPE_MISSING.value, "missing": list(missing)}
    return Refusal(FORBIDDEN, data, {CHALLENGE: challenge}, f"needs the scope {', '.join(missing)}")


def for_missing_roles(missing: Sequence[str]) -> Refusal:
    """Roles are missing: 403 that names them."""
    data = {"reason": DeniedReason.ROLE_MISSING.value, "missing": list(missing)}
    return Refusal(FORBIDDEN, data, detail=f"needs the role {', '.join(missing)}")


def for_old_sign_in(max_age: timedelta) -> Refusal:
    """The person signed in too long ago for this: 401 that says how long is not (RFC 9470 section 3)."""
    seconds = int(max_age.total_seconds())
    challenge = f'Bearer error="insufficient_user_authentication", max_age="{seconds}"'
    data = {"reason": DeniedReason.TOO_LONG_AGO.value, "maxAge": seconds}
    detail = f"needs a sign-in within the last {seconds} seconds"
    return Refusal(UNAUTHORIZED, data, {CHALLENGE: challenge}, detail)
