"""A provider's no, on its way from the token endpoint to who asked."""

import re
from typing import Final

from netscript_auth_core.errors import AuthError, FlowRefusedError, ProviderProtocolError
from netscript_auth_core.reasons import FlowReason
from netscript_kernel.json_documents import is_array, is_object

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class TokenRefusedError(AuthError):
    """The token endpoint said no. Never leaves this adapter.

    Attributes:
        error: Its error code, or ``http_<status>`` where it gave none.
    """

    def __init__(self, provider_id: str, error: str) -> None:
        self.provider_id = provider_id
        self.error = error
        super().__init__(f"the provider {provider_id} gave no token: {error}")


class UnusableTokensError(ProviderProtocolError):
    """The token endpoint said yes with something that cannot be used: what it granted is lost."""


class AnotherPersonError(FlowRefusedError):
    """A refresh brought tokens of somebody else (OpenID Connect Core section 12.2)."""

    def __init__(self, provider_id: str) -> None:
        super().__init__(
            FlowReason.SUBJECT_MISMATCH,
            expected="the person whose grant was refreshed",
            seen="another",
            provider_id=provider_id,
        )


def shown_error(error: object) -> str | None:
    """Return an error code if it looks like one, so that nothing else gets into a log."""
    return error if isinstance(error, str) and _CODE.fullmatch(error) else None


def shown_claim(value: object) -> str:
    """Return a claim that was refused, for the operator: text, numbers and lists of them as Python has them.

    Of anything nested only its kind: whoever sends a token may nest deeper than Python can write down.
    """
    if value is None:
        return "none"
    parts = value if is_array(value) else [value]
    is_flat = not any(is_array(part) or is_object(part) for part in parts)
    return ascii(value) if is_flat else type(value).__name__
