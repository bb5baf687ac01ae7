"""Reason codes of what is decided here. Those that auth-api decides are passed on as it gives them."""

from enum import StrEnum


class NobodyReason(StrEnum):
    """Why a request is nobody's."""

    NO_SESSION = "no_session"
    COOKIE_AMBIGUOUS = "cookie_ambiguous"
    COOKIE_MALFORMED = "cookie_malformed"
    CREDENTIAL_AMBIGUOUS = "credential_ambiguous"
    TOKEN_INVALID = "token_invalid"  # noqa: S105  # a reason code, not a password
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  # a reason code, not a password
    SESSION_REVOKED = "session_revoked"
    NOT_BY_PROXY = "not_by_proxy"
    IDENTITY_MALFORMED = "identity_malformed"


class DeniedReason(StrEnum):
    """Why a good credential does not let its holder in."""

    CROSS_SITE = "cross_site"
    SCOPE_MISSING = "scope_missing"
    ROLE_MISSING = "role_missing"
    TOO_LONG_AGO = "signed_in_too_long_ago"
    TOO_LITTLE_KNOWN = "too_little_known"
