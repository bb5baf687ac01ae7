"""What people are told when something does not work: one plain sentence for each reason code."""

from collections.abc import Mapping
from types import MappingProxyType

from netscript_auth_core.errors import (
    BackendUnavailableError,
    OperationUnsupportedError,
    ProviderProtocolError,
)
from netscript_auth_core.reasons import DenialReason, FlowReason
from netscript_kernel.contracts import RATE_LIMITED
from netscript_kernel.errors import SealError, StoreCorruptError, StoreUnavailableError

DID_NOT_WORK = "That did not work"
GENERAL = "The sign-in could not be completed. Nobody was signed in. Please start again."

_NOT_BOUND = (
    "This sign-in was begun in another browser, or its cookies are gone. "
    "If you followed a link from somebody else, do not use it; otherwise start again here."
)
_INCOMPLETE = "The answer of the sign-in provider did not arrive complete. Please start again."
_UNTRUSTED = (
    "The answer of the sign-in provider could not be trusted, so nobody was signed in. Please start again."
)
_NOT_AGAIN = (
    "This step needs a sign-in of just now, and the sign-in provider did not show that you signed in again. "
    "Nothing has changed by it. Please start again."
)
_TROUBLE = "The sign-in provider had trouble with this sign-in. Please start again."
_AWAY = (
    "We cannot find out who you are at the moment. You have not been signed out. Please try again shortly."
)
_PROVIDER_AWAY = (
    "The sign-in provider, or something else that this sign-in needs, does not answer at the moment. "
    "Nobody was signed in. Please try again shortly."
)
_NOT_NOW = "Signing in does not work here at the moment. Nobody was signed in. Please try again shortly."

_TOO_MANY = "Too many requests came from your network. Please wait a minute, and try again."

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        FlowReason.FLOW_NOT_BOUND.value: _NOT_BOUND,
        FlowReason.FLOW_USED.value: "This sign-in was completed before; this link works only once.",
        FlowReason.FLOW_EXPIRED.value: "This sign-in took too long. Please start again.",
        FlowReason.PARAMETER_MISSING.value: _INCOMPLETE,
        FlowReason.PARAMETER_REPEATED.value: _INCOMPLETE,
        FlowReason.PARAMETER_MALFORMED.value: _INCOMPLETE,
        FlowReason.STATE_MISMATCH.value: _NOT_BOUND,
        FlowReason.PROVIDER_MISMATCH.value: _UNTRUSTED,
        FlowReason.ISS_MISSING.value: _UNTRUSTED,
        FlowReason.ISS_MISMATCH.value: _UNTRUSTED,
        FlowReason.ACCESS_DENIED.value: (
            "The sign-in provider did not let you in, or you cancelled, so nobody was signed in."
        ),
        FlowReason.PROVIDER_REFUSED.value: _TROUBLE,
        FlowReason.CODE_REFUSED.value: _TROUBLE,
        FlowReason.ID_TOKEN_MISSING.value: _UNTRUSTED,
        FlowReason.ID_TOKEN_INVALID.value: _UNTRUSTED,
        FlowReason.NONCE_MISMATCH.value: _UNTRUSTED,
        FlowReason.AUTH_TIME_MISSING.value: _NOT_AGAIN,
        FlowReason.AUTH_TIME_TOO_OLD.value: _NOT_AGAIN,
        FlowReason.SUBJECT_INVALID.value: _UNTRUSTED,
        FlowReason.SUBJECT_MISMATCH.value: _UNTRUSTED,
        FlowReason.USERINFO_REFUSED.value: _TROUBLE,
        FlowReason.REDIRECT_NOT_ALLOWED.value: (
            "The link that brought you here names a destination that this service does not send people to."
        ),
        FlowReason.CROSS_SITE.value: "Another site asked for this. To confirm, please repeat it here.",
        DenialReason.ACCOUNT_DISABLED.value: (
            "This account is not allowed to sign in. Ask whoever runs this service."
        ),
        DenialReason.IMPERSONATION.value: (
            "You are acting as somebody else. Here only the person may sign in: end that first."
        ),
        RATE_LIMITED.code.lower(): _TOO_MANY,
        ProviderProtocolError.reason: _TROUBLE,
        OperationUnsupportedError.reason: "This service does not offer that.",
        BackendUnavailableError.reason: _AWAY,
        StoreUnavailableError.reason: _AWAY,
        StoreCorruptError.reason: _AWAY,
        SealError.reason: _AWAY,
    }
)

SENTENCES_AT_SIGNIN: Mapping[str, str] = MappingProxyType(
    {
        **SENTENCES,
        BackendUnavailableError.reason: _PROVIDER_AWAY,
        StoreUnavailableError.reason: _NOT_NOW,
        StoreCorruptError.reason: _NOT_NOW,
        SealError.reason: _NOT_NOW,
    }
)
"""The same while somebody signs in: nobody asks who that is, and mostly it is the provider that is away."""


def as_sentence(words: str) -> str:
    """Return words of a backend, such as why it does not offer something, as a sentence.

    A name, such as ``better-auth``, stays as it is written; so does an address at the end, which is copied.
    """
    told = words.strip()
    first, last = (told.split() or [""])[0], (told.split() or [""])[-1]
    if first.isalpha() and first.islower():
        told = told[0].upper() + told[1:]
    is_complete = not told or told.endswith((".", "!", "?")) or "://" in last
    return told if is_complete else f"{told}."
