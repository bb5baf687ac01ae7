"""Ways to be a bad provider on purpose, so that a relying party can show that it notices."""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum, auto
from typing import TypeVar

FaultT = TypeVar("FaultT", bound=Callable[..., object])


class Misbehaviour(StrEnum):
    """One fault each; any number of them can be switched on together. The value is the name in lower case."""

    # Claims of the id token (OpenID Connect Core 1.0 section 3.1.3.7).
    WRONG_ISS_IN_ID_TOKEN = auto()
    MISSING_ISS_IN_ID_TOKEN = auto()
    WRONG_AUD = auto()
    MISSING_AUD = auto()
    AUD_LIST_WITHOUT_US = auto()
    AUD_LIST_WITHOUT_AZP = auto()
    AUD_LIST_WITH_WRONG_AZP = auto()
    MISSING_SUB = auto()
    EMPTY_SUB = auto()
    NUMERIC_SUB = auto()
    LONG_SUB = auto()
    WRONG_NONCE = auto()
    MISSING_NONCE = auto()
    EXPIRED = auto()
    MISSING_EXP = auto()
    EXP_AS_TEXT = auto()
    EXP_NOT_A_NUMBER = auto()
    EXP_IN_FAR_FUTURE = auto()
    IAT_IN_FUTURE = auto()
    MISSING_IAT = auto()
    NBF_IN_FUTURE = auto()
    OLD_AUTH_TIME = auto()
    MISSING_AUTH_TIME = auto()
    AUTH_TIME_IN_FUTURE = auto()
    AUTH_TIME_AS_TEXT = auto()
    WRONG_AT_HASH = auto()

    # Header of the id token (RFC 7515 section 4).
    CRIT_HEADER = auto()
    JKU_HEADER = auto()
    NO_KID = auto()
    UNKNOWN_KID = auto()
    LOGOUT_TOKEN_TYP = auto()

    # The logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4).
    LOGOUT_WRONG_ISS = auto()
    LOGOUT_WRONG_AUD = auto()
    LOGOUT_OLD = auto()
    LOGOUT_EXPIRED = auto()
    LOGOUT_WITHOUT_EXP = auto()
    LOGOUT_WITHOUT_EVENTS = auto()
    LOGOUT_OTHER_EVENT = auto()
    LOGOUT_EVENT_NOT_AN_OBJECT = auto()
    LOGOUT_WITH_NONCE = auto()
    LOGOUT_WITHOUT_SUB_AND_SID = auto()
    LOGOUT_WITHOUT_JTI = auto()
    LOGOUT_SAME_JTI = auto()
    LOGOUT_WRONG_TYP = auto()

    # Signature of the id token and of the logout token (RFC 8725 section 2).
    ALG_NONE = auto()
    HS256_WITH_CLIENT_SECRET = auto()
    HS256_WITH_PUBLIC_KEY = auto()
    FOREIGN_KEY = auto()
    JWK_HEADER = auto()

    # The authorization response (RFC 6749 section 4.1.2, RFC 9207).
    WRONG_ISS_IN_RESPONSE = auto()
    MISSING_ISS_IN_RESPONSE = auto()
    DUPLICATE_ISS = auto()
    WRONG_STATE = auto()
    MISSING_STATE = auto()
    DUPLICATE_STATE = auto()
    CODE_AND_ERROR = auto()
    NEITHER_CODE_NOR_ERROR = auto()

    # The token response (RFC 6749 section 5).
    NO_ID_TOKEN = auto()
    TOKEN_TYPE_MAC = auto()
    ACCESS_TOKEN_NOT_TEXT = auto()
    EXPIRES_IN_AS_TEXT = auto()
    EXPIRES_IN_NEGATIVE = auto()
    TOKEN_500 = auto()
    TOKEN_HTML = auto()
    TOKEN_200_ERROR = auto()
    TOKEN_EMPTY = auto()
    TOKEN_REDIRECT = auto()

    # The userinfo response (OpenID Connect Core 1.0 section 5.3).
    USERINFO_OTHER_SUB = auto()
    USERINFO_WITHOUT_SUB = auto()
    USERINFO_401 = auto()
    USERINFO_500 = auto()
    USERINFO_HTML = auto()

    # The key set and the metadata.
    HUGE_JWKS = auto()
    JWKS_500 = auto()
    DISCOVERY_WRONG_ISSUER = auto()
    DISCOVERY_500 = auto()
    METADATA_WITHOUT_PKCE = auto()


def chosen(table: Mapping[Misbehaviour, FaultT], switched_on: Collection[Misbehaviour]) -> list[FaultT]:
    """Return the faults of a table that are switched on, in the order of the table."""
    return [fault for misbehaviour, fault in table.items() if misbehaviour in switched_on]
