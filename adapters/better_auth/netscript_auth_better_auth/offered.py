"""What this backend offers in each mode, and why it offers no more."""

from typing import Final

from netscript_auth_better_auth.configuration.server_config import ServerConfig, with_path
from netscript_auth_core.capabilities import Capabilities, Capability

_MANAGED: Final = frozenset({Capability.REVOKE, Capability.LIST_SESSIONS, Capability.REVOKE_ALL})


def remote_capabilities(config: ServerConfig) -> Capabilities:
    """Return what is offered where the server is asked about each request."""
    renewed = "better-auth prolongs a session itself whenever it is used, which each request here is"
    return Capabilities(
        _MANAGED,
        why_not={**_not_here(config), Capability.REFRESH: renewed},
        sign_in_url=config.sign_in_url,
        needs_upstream=True,
    )


def token_capabilities(config: ServerConfig) -> Capabilities:
    """Return what is offered where its tokens are verified: nothing that would need a session of it."""
    managed = (
        "a token of better-auth names no session, so it lives to its end; "
        f"NETSCRIPT_AUTH_BETTER_AUTH_MODE=remote manages sessions, and so does {config.issuer}"
    )
    # As browsers call it: what it is called inside is nobody else's business.
    renewed = f"a new token comes from {with_path(config.issuer)}/token, for whoever is signed in there"
    return Capabilities(
        frozenset(),
        revocation_lag=config.tokens.longest,
        why_not={**_not_here(config), **dict.fromkeys(_MANAGED, managed), Capability.REFRESH: renewed},
        sign_in_url=config.sign_in_url,
    )


def _not_here(config: ServerConfig) -> dict[Capability, str]:
    where = f"people sign in at the better-auth server: {config.sign_in_url}"
    begins = f"only the better-auth server begins sessions, when somebody signs in at {config.sign_in_url}"
    return {
        Capability.SIGNIN: where,
        Capability.CALLBACK: where,
        Capability.CREATE_SESSIONS: begins,
        Capability.STEP_UP: where,
        Capability.UPSTREAM_LOGOUT: "a better-auth server does not tell auth-api who signed out there",
    }
