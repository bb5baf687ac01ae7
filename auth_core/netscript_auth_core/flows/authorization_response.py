"""What comes back through the browser, judged before anything is looked up.

Source: RFC 6749 section 4.1.2; RFC 9207.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason

MOST_CHARACTERS: Final = 4096
_READ: Final = ("state", "code", "error", "iss")
_ONCE: Final = frozenset({*_READ, "error_description", "error_uri"})


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """A well-formed answer: a state, and either a code or an error.

    Attributes:
        user: What Apple posts of a person the first time; of no standard, and nothing hangs on it.
    """

    state: str = field(repr=False)
    code: str | None = field(repr=False)
    error: str | None
    iss: str | None
    user: str | None = field(repr=False)


def read_response(parameters: Sequence[tuple[str, str]]) -> AuthorizationResponse:
    """Read the parameters of a callback. Unknown ones are ignored (RFC 6749 section 3.1).

    Raises:
        FlowRefusedError: one is missing, empty, repeated, too long, or holds characters that none may hold.
    """
    counts = Counter(name for name, _ in parameters)
    repeated = sorted(name for name in _ONCE if counts[name] > 1)
    if repeated:
        raise _refused(FlowReason.PARAMETER_REPEATED, "each parameter once", ", ".join(repeated))
    given = dict(parameters)
    for name in _READ:
        if name in given:
            _check(name, given[name])
    if "state" not in given:
        raise _refused(FlowReason.PARAMETER_MISSING, "state", "none")
    if "code" not in given and "error" not in given:
        raise _refused(FlowReason.PARAMETER_MISSING, "code or error", "neither")
    if "code" in given and "error" in given:
        raise _refused(FlowReason.PARAMETER_MALFORMED, "code or error", "both")
    return AuthorizationResponse(
        given["state"],
        given.get("code"),
        given.get("error"),
        given.get("iss"),
        given.get("user") if counts["user"] == 1 else None,
    )


def _check(name: str, value: str) -> None:
    if not value:
        raise _refused(FlowReason.PARAMETER_MISSING, name, "empty")
    if len(value) > MOST_CHARACTERS:
        raise _refused(
            FlowReason.PARAMETER_MALFORMED, f"{name} of at most {MOST_CHARACTERS} characters", "more"
        )
    if not (value.isascii() and value.isprintable()):
        raise _refused(FlowReason.PARAMETER_MALFORMED, f"{name} of visible ASCII characters", "others")


def _refused(code: FlowReason, expected: str, seen: str) -> FlowRefusedError:
    return FlowRefusedError(code, expected=expected, seen=seen)
