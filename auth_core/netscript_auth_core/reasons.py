"""Stable reason codes: why nobody is signed in, and why a flow or a logout token was refused."""

from enum import StrEnum


class AnonymousReason(StrEnum):
    """Why a request is nobody's. Told to the client; none of them is an error."""

    NO_SESSION = "no_session"
    SESSION_UNKNOWN = "session_unknown"
    SESSION_EXPIRED = "session_expired"
    SESSION_REVOKED = "session_revoked"
    COOKIE_AMBIGUOUS = "cookie_ambiguous"
    COOKIE_MALFORMED = "cookie_malformed"
    SEAL_UNOPENED = "seal_unopened"
    SEAL_EXPIRED = "seal_expired"
    TOKEN_INVALID = "token_invalid"  # noqa: S105  # a reason code, not a password


class DenialReason(StrEnum):
    """Why a valid credential does not let its holder in."""

    ACCOUNT_DISABLED = "account_disabled"
    IMPERSONATION = "impersonation"


class LogoutReason(StrEnum):
    """Why a logout token of an upstream ended nothing."""

    PROVIDER_UNKNOWN = "provider_unknown"
    NO_LOGOUT_TOKENS = "no_logout_tokens"
    TOKEN_MISSING = "logout_token_missing"  # noqa: S105  # a reason code, not a password
    TOKEN_REPEATED = "logout_token_repeated"  # noqa: S105  # likewise
    TOKEN_MALFORMED = "logout_token_malformed"  # noqa: S105  # likewise
    TOKEN_REPLAYED = "logout_token_replayed"  # noqa: S105  # likewise
    TYPE_MISMATCH = "typ_mismatch"
    ALGORITHM_REFUSED = "alg_refused"
    SIGNATURE_INVALID = "signature_invalid"
    ISS_MISMATCH = "iss_mismatch"
    AUD_MISMATCH = "aud_mismatch"
    TIME_INVALID = "time_invalid"
    EVENTS_INVALID = "events_invalid"
    NONCE_PRESENT = "nonce_present"
    SUBJECT_INVALID = "subject_invalid"
    SUBJECT_MISSING = "subject_missing"
    JTI_INVALID = "jti_invalid"


class FlowReason(StrEnum):
    """Why a sign-in was refused."""

    FLOW_NOT_BOUND = "flow_not_bound"
    FLOW_USED = "flow_used"
    FLOW_EXPIRED = "flow_expired"
    PARAMETER_MISSING = "parameter_missing"
    PARAMETER_REPEATED = "parameter_repeated"
    PARAMETER_MALFORMED = "parameter_malformed"
    STATE_MISMATCH = "state_mismatch"
    PROVIDER_MISMATCH = "provider_mismatch"
    ISS_MISSING = "iss_missing"
    ISS_MISMATCH = "iss_mismatch"
    ACCESS_DENIED = "access_denied"
    PROVIDER_REFUSED = "provider_refused"
    CODE_REFUSED = "code_refused"
    ID_TOKEN_MISSING = "id_token_missing"  # noqa: S105  # a reason code, not a password
    ID_TOKEN_INVALID = "id_token_invalid"  # noqa: S105  # a reason code, not a password
    NONCE_MISMATCH = "nonce_mismatch"
    AUTH_TIME_MISSING = "auth_time_missing"
    AUTH_TIME_TOO_OLD = "auth_time_too_old"
    SUBJECT_INVALID = "subject_invalid"
    SUBJECT_MISMATCH = "subject_mismatch"
    USERINFO_REFUSED = "userinfo_refused"
    REDIRECT_NOT_ALLOWED = "redirect_not_allowed"
    CROSS_SITE = "cross_site"
