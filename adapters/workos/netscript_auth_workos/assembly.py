"""The parts of both backends, put together."""

import logging
from typing import Final

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.flows.flow_cookies import FlowCookies
from netscript_auth_core.flows.transactions import LIFETIME, Transactions
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_auth_workos.backend import Parts, WorkOSBackend
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.foundation import Foundation
from netscript_auth_workos.interactive.authkit import AuthKit
from netscript_auth_workos.interactive.interactive_backend import InteractiveParts, InteractiveWorkOSBackend
from netscript_auth_workos.interactive.interactive_records import InteractiveRecords
from netscript_auth_workos.interactive.interactive_sealed import InteractiveSealed
from netscript_auth_workos.interactive.interactive_sessions import InteractiveSessions
from netscript_auth_workos.interactive.interactive_signin import InteractiveSignin
from netscript_auth_workos.interactive.people import People
from netscript_auth_workos.naming import BACKEND
from netscript_auth_workos.reading.proofs import Proofs
from netscript_auth_workos.reading.request_tokens import RequestTokens
from netscript_auth_workos.renewal.attempts import Attempts
from netscript_auth_workos.seals.cookie_seals import CookieSeals, opened_by
from netscript_auth_workos.seals.session_data import SealKind
from netscript_auth_workos.sessions.listings import Listings
from netscript_auth_workos.sessions.met_sessions import MetSessions
from netscript_auth_workos.sessions.renewed_cookies import RenewedCookies
from netscript_auth_workos.sessions.renewed_sessions import RenewedSessions
from netscript_auth_workos.sessions.sessions import Sessions
from netscript_auth_workos.sessions.signout import Signout

_log = logging.getLogger("netscript.auth.workos")

CALLBACK: Final = "/api/v1/auth/callback"
_OF_OTHERS: Final = frozenset({Capability.REVOKE, Capability.LIST_SESSIONS, Capability.REVOKE_ALL})
_OF_OUR_OWN: Final = frozenset(Capability) - {
    Capability.CREATE_SESSIONS,
    Capability.UPSTREAM_LOGOUT,
    Capability.STEP_UP,
}
_WHY_NOT: Final = {
    Capability.SIGNIN: "people sign in through the application that sets AuthKit's cookie; link there",
    Capability.CALLBACK: "AuthKit sends people back to the application that sets its cookie, not here",
    Capability.CREATE_SESSIONS: "WorkOS begins sessions, when somebody signs in at AuthKit",
    Capability.REFRESH: "the browser holds the refresh token; what is due is refreshed when it asks",
    Capability.UPSTREAM_LOGOUT: "WorkOS sends no logout tokens; what ends there, it no longer renews",
    Capability.STEP_UP: "AuthKit cannot be asked to prove when somebody last signed in there",
}


def assemble(on: Foundation) -> WorkOSBackend:
    """Return the backend that reads what an application left in the browser."""
    settings, context, clock = on.settings, on.context, on.context.clock
    _tell_of_password(settings)
    seals = CookieSeals(settings.password, settings.kinds, clock)
    kept = UpstreamSessions(BACKEND, context.store, context.keys, context.users, clock)
    capabilities = Capabilities(
        _OF_OTHERS,
        revocation_lag=settings.access_token_life,
        why_not=_WHY_NOT,
        sign_in_url=settings.sign_in_url,
        needs_upstream=True,
    )
    listings = Listings(on.calls, on.background, clock)
    met = MetSessions(kept, listings, on.calls, settings.environment_issuer, clock)
    attempts = Attempts(on.renewals, on.background, clock)
    cookies = RenewedCookies(settings.cookie_name, settings.cookie_domain, seals, clock)
    sessions = Sessions(capabilities, met, kept, on.calls, context.users, settings.environment_issuer)
    return WorkOSBackend(
        Parts(
            capabilities=capabilities,
            cookie_name=settings.cookie_name,
            proofs=Proofs(on.tokens, seals, clock),
            met=met,
            renewed=RenewedSessions(attempts, on.tokens, met, cookies, listings, kept, clock),
            sessions=sessions,
            signout=Signout(sessions, on.calls, is_browser_sent=settings.end_session),
            tokens=RequestTokens(settings.cookie_name, seals, on.tokens, on.background),
            cookies=cookies,
            foundation=on,
        )
    )


def assemble_interactive(on: Foundation) -> InteractiveWorkOSBackend:
    """Return the backend that people sign in through."""
    settings, context, clock = on.settings, on.context, on.context.clock
    capabilities = Capabilities(
        _OF_OUR_OWN,
        revocation_lag=settings.access_token_life,
        why_not={each: why for each, why in _WHY_NOT.items() if each not in _OF_OUR_OWN},
        needs_upstream=True,
    )
    index = SealedIndex(context.store, context.keys, clock, space=f"{BACKEND}/")
    records = InteractiveRecords(context.store, context.keys, index, clock)
    people = People(context.users, on.calls, settings.environment_issuer)
    sessions = InteractiveSessions(capabilities, records, people, on.calls, on.tokens, on.renewals, clock)
    authkit = AuthKit(on.calls, settings.environment_issuer)
    signin = InteractiveSignin(
        authkit,
        Transactions(context.store, context.keys, clock),
        FlowCookies(context.keys, clock, LIFETIME),
        on.tokens,
        sessions,
        people,
        on.background,
        clock,
        f"{context.public_url}{CALLBACK}",
        capabilities,
    )
    return InteractiveWorkOSBackend(
        InteractiveParts(
            capabilities=capabilities,
            authkit=authkit,
            sessions=sessions,
            signin=signin,
            sealed=InteractiveSealed(index, records),
            signout=Signout(sessions, on.calls, is_browser_sent=settings.end_session),
            foundation=on,
        )
    )


def _tell_of_password(settings: WorkOSSettings) -> None:
    if settings.password and SealKind.PYTHON not in opened_by(settings.password):
        _log.info(
            "%s is no Fernet key: it opens session cookies of the Node SDK, and none of the Python SDK",
            settings.variable("cookie_password"),
        )
