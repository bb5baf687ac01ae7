"""Who may reach the service, and what browsers send to it."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

from netscript_auth_core.checks import Check, Finding, Severity
from netscript_plugin_auth.settings import AuthServiceSettings

_PROXIES = AuthServiceSettings.variable("trusted_proxies")
_ORIGINS = AuthServiceSettings.variable("allowed_origins")
_PUBLIC_URL = AuthServiceSettings.variable("public_url")


def address_checks(settings: AuthServiceSettings) -> Sequence[Check]:
    """Return the checks of proxies and cookies."""
    return (
        Check("proxies", partial(_proxies, settings)),
        Check("cookies.prefix", partial(_cookie_prefix, settings)),
        Check("cookies.reach", partial(_cookie_reach, settings)),
    )


async def _proxies(settings: AuthServiceSettings) -> Sequence[Finding]:
    if not settings.trusted_proxies and settings.is_https and settings.rate_limit is not None:
        problem = (
            "browsers come by https, so through a proxy, and none is trusted: all people count as one client"
        )
        fix = f"name its network in {_PROXIES}, and let it send X-Forwarded-For"
        return (Finding(Severity.WARNING, problem, fix),)
    public = [each for each in settings.trusted_proxies if each.num_addresses > 1 and not each.is_private]
    if not public:
        return ()
    problem = f"{_PROXIES} names a network of public addresses, where others have machines too"
    return (Finding(Severity.WARNING, problem, "name each proxy, or your own private network"),)


async def _cookie_prefix(settings: AuthServiceSettings) -> Sequence[Finding]:
    if settings.is_https or not settings.trusted_proxies:
        return ()
    problem = "a proxy stands in front, and the public URL is plain http: no cookie is Secure or __Host-"
    return (Finding(Severity.WARNING, problem, f"set {_PUBLIC_URL} to the https address that browsers use"),)


async def _cookie_reach(settings: AuthServiceSettings) -> Sequence[Finding]:
    foreign = [
        position
        for position, origin in enumerate(settings.allowed_origins, start=1)
        if not _may_be_one_site(origin, settings.public_url)
    ]
    if not foreign:
        return ()
    told = ", ".join(map(str, foreign))
    problem = (
        f"{_ORIGINS} has entries of another site (number {told}): browsers send no cookie with those calls"
    )
    return (Finding(Severity.WARNING, problem, "serve both below one domain, by https"),)


def _may_be_one_site(one: str, other: str) -> bool:
    """Whether the scheme and the last two labels agree; where not, browsers surely see two sites."""
    first, second = urlsplit(one), urlsplit(other)
    labels = [(each.hostname or "").split(".")[-2:] for each in (first, second)]
    return first.scheme == second.scheme and labels[0] == labels[1]
