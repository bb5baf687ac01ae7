"""Who is behind the accounts that a better-auth server lists, for provider ids that the operator names.

A person who signed in through Google at this service before, and through Google at better-auth now, is one
person only if both name the same issuer and the same subject. An id says nothing by itself: with the sso
plugin, users of the server register providers of their own under every id that it leaves free. So only what
the operator names counts. The list below spares them the issuer, where better-auth keeps the very subject of
the provider's own tokens or documents, for everybody, at one host.

Left out with reason: ``microsoft`` (better-auth keeps ``oid``, tokens have ``sub``), ``salesforce``
(``user_id`` instead of ``sub``), ``gitlab`` and ``cognito`` (any host may be behind them); and those whose
subject can be another person's elsewhere: ``facebook`` and ``kakao`` (numbers of one registration), ``slack``
(ids of one workspace). The operator can name the issuer of any id.

Source: ``accountSubject`` of each provider in @better-auth/core 1.7.25, November 2026.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from netscript_kernel.addresses import issuer_problem
from netscript_kernel.errors import Fault

ACCOUNT_ISSUERS_FIX: Final = (
    "provider ids that your better-auth server configures itself, those not known with their issuer: "
    "google, acme=https://login.acme.example"
)
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
KNOWN: Final[Mapping[str, str]] = {
    "apple": "https://appleid.apple.com",
    "atlassian": "https://auth.atlassian.com",
    "discord": "https://discord.com",
    "dropbox": "https://www.dropbox.com",
    "figma": "https://www.figma.com",
    "github": "https://github.com",
    "google": "https://accounts.google.com",
    "line": "https://access.line.me",
    "linkedin": "https://www.linkedin.com/oauth",
    "notion": "https://api.notion.com",
    "reddit": "https://www.reddit.com",
    "spotify": "https://accounts.spotify.com",
    "twitch": "https://id.twitch.tv/oauth2",
    "twitter": "https://x.com",
    "zoom": "https://zoom.us",
}


def read_account_issuers(entries: tuple[str, ...]) -> dict[str, str]:
    """Return the issuer of each provider id that the operator names, and of no other."""
    named = (_parts(entry) for entry in entries)
    return {name: issuer for name, issuer in named if issuer is not None}


def account_issuer_faults(
    variable: str, entries: tuple[str, ...], *, allow_loopback_http: bool
) -> Iterator[Fault]:
    """Yield what is wrong with them, by their positions."""
    named = [_parts(entry) for entry in entries]
    if len({name for name, _ in named}) < len(named):
        yield Fault(variable, "names a provider id twice", ACCOUNT_ISSUERS_FIX)
    for position, (name, issuer) in enumerate(named, start=1):
        if not _ID.fullmatch(name):
            yield Fault(variable, f"has no provider id before = at position {position}", ACCOUNT_ISSUERS_FIX)
        elif issuer is None:
            yield Fault(variable, f"has at position {position} an id without issuer", ACCOUNT_ISSUERS_FIX)
        elif problem := issuer_problem(issuer, allow_loopback_http=allow_loopback_http):
            yield Fault(variable, f"has at position {position} an issuer that {problem}", ACCOUNT_ISSUERS_FIX)


def _parts(entry: str) -> tuple[str, str | None]:
    name, has_issuer, issuer = entry.partition("=")
    return name, issuer if has_issuer else KNOWN.get(name)
