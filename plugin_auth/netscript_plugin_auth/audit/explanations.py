"""What each reason of a refusal means to the operator, and what to do: one sentence each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from netscript_auth_core.reasons import DenialReason, FlowReason


class Explanation(NamedTuple):
    """What a check found, and what to do about it."""

    found: str
    advice: str


_COOKIES: Final = (
    "Have the person start again. If it happens to everybody: cookies do not pass the proxy, or people begin "
    "at another host than NETSCRIPT_AUTH_PUBLIC_URL"
)
_AGAIN: Final = "Have the person start again; if it happens again and again, look at the proxy in between"
_PROVIDER: Final = "Compare issuer and client id with what the provider says, and look at its own log"
_DISTRUST: Final = (
    "Treat it as an attack if it happens again: the provider is not who it was, or somebody is in between"
)
_STORE: Final = "See the line of the log with this request id, and /health"

EXPLANATIONS: Final[Mapping[str, Explanation]] = MappingProxyType(
    {
        FlowReason.FLOW_NOT_BOUND: Explanation(
            "the sign-in was begun in another browser, or its cookie is gone", _COOKIES
        ),
        FlowReason.FLOW_USED: Explanation(
            "this callback was completed before", "Nothing: a reload or the back button does that"
        ),
        FlowReason.FLOW_EXPIRED: Explanation(
            "more than ten minutes passed since the sign-in began", "Have the person start again"
        ),
        FlowReason.PARAMETER_MISSING: Explanation("the answer of the provider lacks a parameter", _AGAIN),
        FlowReason.PARAMETER_REPEATED: Explanation("a parameter came twice", _AGAIN),
        FlowReason.PARAMETER_MALFORMED: Explanation("a parameter is not what it must be", _AGAIN),
        FlowReason.STATE_MISMATCH: Explanation("the state is not the one that was sent", _COOKIES),
        FlowReason.PROVIDER_MISMATCH: Explanation(
            "the answer came to the callback of another provider",
            "Register at each provider the callback that ends with its own id",
        ),
        FlowReason.ISS_MISSING: Explanation(
            "the answer names no issuer, though the provider promises one", _PROVIDER
        ),
        FlowReason.ISS_MISMATCH: Explanation("the answer names another issuer", _PROVIDER),
        FlowReason.ACCESS_DENIED: Explanation(
            "the person, or a rule at the provider, said no", "Look up at the provider who may sign in there"
        ),
        FlowReason.PROVIDER_REFUSED: Explanation("the provider refused with an error", _PROVIDER),
        FlowReason.CODE_REFUSED: Explanation(
            "the provider did not take the code", "Check the client's secret and the registered redirect URI"
        ),
        FlowReason.ID_TOKEN_MISSING: Explanation(
            "the provider sent no id token", "Let the provider grant the scope openid"
        ),
        FlowReason.ID_TOKEN_INVALID: Explanation("the id token did not pass a check", _PROVIDER),
        FlowReason.NONCE_MISMATCH: Explanation("the id token is one of another sign-in", _DISTRUST),
        FlowReason.SUBJECT_INVALID: Explanation("the provider names nobody", _PROVIDER),
        FlowReason.SUBJECT_MISMATCH: Explanation("id token and userinfo are about two people", _DISTRUST),
        FlowReason.AUTH_TIME_MISSING: Explanation(
            "a sign-in of just now was asked for, and the provider does not say when it was",
            "Have the provider put auth_time into id tokens, or ask for no new sign-in there",
        ),
        FlowReason.AUTH_TIME_TOO_OLD: Explanation(
            "a sign-in of just now was asked for, and the provider used an earlier one",
            "Have the person enter their password there; compare the clocks of both machines",
        ),
        FlowReason.USERINFO_REFUSED: Explanation("the provider refused to say who it is", _PROVIDER),
        FlowReason.REDIRECT_NOT_ALLOWED: Explanation(
            "the destination is none that people may be sent to",
            "If it is yours, name it in NETSCRIPT_AUTH_ALLOWED_RETURN_TO",
        ),
        FlowReason.CROSS_SITE: Explanation(
            "another site made the browser send this",
            "If that site is yours, name it in NETSCRIPT_AUTH_ALLOWED_ORIGINS; a program sends JSON, or the "
            "header X-NetScript-CSRF: 1",
        ),
        DenialReason.ACCOUNT_DISABLED: Explanation(
            "the account is disabled", "Enable it where accounts are kept, if that was not meant"
        ),
        DenialReason.IMPERSONATION: Explanation(
            "somebody acts as somebody else", "Have them end that first; only the person may sign in here"
        ),
        "rate_limited": Explanation(
            "this network or session asked too often",
            "If an office is behind it, raise NETSCRIPT_AUTH_RATE_LIMIT; if it is your proxy, name it in "
            "NETSCRIPT_AUTH_TRUSTED_PROXIES",
        ),
        "backend_unavailable": Explanation("the backend or its provider did not answer", _STORE),
        "store_unavailable": Explanation("the store did not answer", _STORE),
    }
)


def explanation_of(reason: str) -> Explanation:
    """Return what a reason means; a general one for those of other people's backends."""
    return EXPLANATIONS.get(reason, Explanation("a check refused", _STORE))
