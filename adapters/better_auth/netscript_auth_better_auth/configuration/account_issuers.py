"""Who is behind the accounts that a better-auth server lists: its provider ids, as issuers.

A person who signed in through Google at this service before, and through Google at better-auth now, is one
person only if both name the same issuer and the same subject. So a provider is in this list only where
better-auth keeps the very subject that the provider's own tokens or documents have, for everybody, at one
host. Left out with reason: ``microsoft`` (it keeps ``oid``, tokens have ``sub``), ``salesforce``
(``user_id`` instead of ``sub``), ``gitlab`` and ``cognito`` (any host may be behind them). The operator can
name the issuer of any id.

Source: ``accountSubject`` of each provider in @better-auth/core 1.7.25, November 2026.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from netscript_kernel.addresses import issuer_problem
from netscript_kernel.errors import Fault

ACCOUNT_ISSUERS_FIX: Final = (
    "provider ids with the issuer of each (none: leave out), such as acme=https://login.acme.example"
)
NONE: Final = "none"
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
KNOWN: Final[Mapping[str, str]] = {
    "apple": "https://appleid.apple.com",
    "atlassian": "https://auth.atlassian.com",
    "discord": "https://discord.com",
    "dropbox": "https://www.dropbox.com",
    "facebook": "https://www.facebook.com",
    "figma": "https://www.figma.com",
    "github": "https://github.com",
    "google": "https://accounts.google.com",
    "kakao": "https://kauth.kakao.com",
    "line": "https://access.line.me",
    "linkedin": "https://www.linkedin.com/oauth",
    "notion": "https://api.notion.com",
    "reddit": "https://www.reddit.com",
    "slack": "https://slack.com",
    "spotify": "https://accounts.spotify.com",
    "twitch": "https://id.twitch.tv/oauth2",
    "twitter": "https://x.com",
    "zoom": "https://zoom.us",
}


def read_account_issuers(entries: tuple[str, ...]) -> dict[str, str]:
    """Return the issuer of each provider id, those configured before those known."""
    configured = dict(entry.split("=", 1) for entry in entries)
    return {name: issuer for name, issuer in {**KNOWN, **configured}.items() if issuer != NONE}


def account_issuer_faults(
    variable: str, entries: tuple[str, ...], *, allow_loopback_http: bool
) -> Iterator[Fault]:
    """Yield what is wrong with the configured ones, by their positions."""
    names = [entry.partition("=")[0] for entry in entries]
    if len(set(names)) < len(names):
        yield Fault(variable, "names a provider id twice", ACCOUNT_ISSUERS_FIX)
    for position, entry in enumerate(entries, start=1):
        name, _, issuer = entry.partition("=")
        if not _ID.fullmatch(name):
            yield Fault(variable, f"has no provider id before = at position {position}", ACCOUNT_ISSUERS_FIX)
        problem = issuer_problem(issuer, allow_loopback_http=allow_loopback_http)
        if problem is not None and issuer != NONE:
            yield Fault(variable, f"has at position {position} an issuer that {problem}", ACCOUNT_ISSUERS_FIX)
