"""Opens the backend from the environment's settings."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.flows.flow_cookies import FlowCookies
from netscript_auth_core.flows.transactions import LIFETIME, Transactions
from netscript_auth_core.key_set import KeySet
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.api.http import WorkOSHttp
from netscript_auth_workos.backend import Parts, WorkOSBackend
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.naming import BACKEND
from netscript_auth_workos.own.authkit import AuthKit
from netscript_auth_workos.own.interactive_backend import InteractiveParts, InteractiveWorkOSBackend
from netscript_auth_workos.own.own_records import OwnRecords
from netscript_auth_workos.own.own_sealed import OwnSealed
from netscript_auth_workos.own.own_sessions import OwnSessions
from netscript_auth_workos.own.own_signin import OwnSignin
from netscript_auth_workos.own.people import People
from netscript_auth_workos.reading.proofs import Proofs
from netscript_auth_workos.reading.request_tokens import RequestTokens
from netscript_auth_workos.renewal.renewal_records import RenewalRecords
from netscript_auth_workos.renewal.renewals import Patience, Renewals
from netscript_auth_workos.seals.cookie_seals import CookieSeals
from netscript_auth_workos.seals.session_data import SealKind
from netscript_auth_workos.sessions.met_sessions import MetSessions
from netscript_auth_workos.sessions.renewed_cookies import RenewedCookies
from netscript_auth_workos.sessions.renewed_sessions import RenewedSessions
from netscript_auth_workos.sessions.sessions import Sessions
from netscript_auth_workos.sessions.signout import Signout
from netscript_auth_workos.tokens.access_token import Wanted
from netscript_auth_workos.tokens.access_tokens import AccessTokens
from netscript_kernel.jose.keys import Keys

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("netscript.auth.workos")

CALLBACK: Final = "/api/v1/auth/callback"
_OF_OTHERS: Final = frozenset({Capability.REVOKE, Capability.LIST_SESSIONS, Capability.REVOKE_ALL})
_OF_OUR_OWN: Final = frozenset(Capability) - {Capability.CREATE_SESSIONS}
_WHY_NOT: Final = {
    Capability.SIGNIN: "people sign in through the application that sets AuthKit's cookie; link there",
    Capability.CALLBACK: "AuthKit sends people back to the application that sets its cookie, not here",
    Capability.CREATE_SESSIONS: "WorkOS begins sessions, when somebody signs in at AuthKit",
    Capability.REFRESH: "the browser holds the refresh token; what is due is refreshed when it asks",
}


async def open_backend(
    settings: WorkOSSettings, context: BackendContext
) -> WorkOSBackend | InteractiveWorkOSBackend:
    """Build the backend from its settings; the entry point ``workos`` leads here. Asks nobody yet.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    foundation = prepare(settings, context)
    return assemble_interactive(foundation) if settings.interactive else assemble(foundation)


definition = BackendDefinition(settings=WorkOSSettings, open=open_backend)


@dataclass(frozen=True, slots=True)
class Foundation:
    """What both kinds of backend stand on."""

    settings: WorkOSSettings
    context: BackendContext
    calls: WorkOSCalls
    keys: KeySet[Keys]
    tokens: AccessTokens
    renewals: Renewals
    background: Background


def prepare(
    settings: WorkOSSettings,
    context: BackendContext,
    *,
    http: "httpx.AsyncClient | None" = None,
    patience: Patience | None = None,
) -> Foundation:
    """Check the settings, and make what is the same whoever signs people in.

    Args:
        settings: What is configured.
        context: What it stands on.
        http: Speaks to WorkOS, and stays the caller's to close; our own if left out.
        patience: With other processes.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    settings.check(is_production=context.is_production)
    clock, background = context.clock, Background()
    calls = WorkOSCalls(
        WorkOSHttp(http),
        api_key=settings.api_key.get_secret_value(),
        client_id=settings.client_id,
        base_url=settings.api,
    )
    keys = KeySet(calls.keys, clock, background)
    wanted = Wanted(settings.client_id, settings.accepted_issuers, settings.access_token_life)
    records = RenewalRecords(context.store, context.keys, clock, settings.access_token_life)
    renewals = Renewals(calls, records, background, patience or Patience())
    return Foundation(settings, context, calls, keys, AccessTokens(keys, wanted, clock), renewals, background)


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
    met = MetSessions(kept, on.calls, settings.environment_issuer, clock)
    cookies = RenewedCookies(settings.cookie_name, settings.cookie_domain, seals, clock)
    sessions = Sessions(capabilities, met, kept, on.calls, context.users, settings.environment_issuer)
    return WorkOSBackend(
        Parts(
            capabilities=capabilities,
            cookie_name=settings.cookie_name,
            proofs=Proofs(on.tokens, seals, clock),
            met=met,
            renewed=RenewedSessions(on.renewals, on.tokens, met, cookies, on.calls, kept, clock),
            sessions=sessions,
            signout=Signout(sessions, on.calls, is_browser_sent=settings.end_session),
            tokens=RequestTokens(settings.cookie_name, seals, on.tokens, on.background),
            cookies=cookies,
            keys=on.keys,
            calls=on.calls,
            store=context.store,
            background=on.background,
        )
    )


def assemble_interactive(on: Foundation) -> InteractiveWorkOSBackend:
    """Return the backend that people sign in through."""
    settings, context, clock = on.settings, on.context, on.context.clock
    capabilities = Capabilities(
        _OF_OUR_OWN,
        revocation_lag=settings.access_token_life,
        why_not={Capability.CREATE_SESSIONS: _WHY_NOT[Capability.CREATE_SESSIONS]},
        needs_upstream=True,
    )
    index = SealedIndex(context.store, context.keys, clock, space=f"{BACKEND}/")
    records = OwnRecords(context.store, context.keys, index, clock)
    people = People(context.users, on.calls, settings.environment_issuer)
    sessions = OwnSessions(capabilities, records, people, on.calls, on.tokens, on.renewals, clock)
    authkit = AuthKit(on.calls, settings.environment_issuer)
    signin = OwnSignin(
        authkit,
        Transactions(context.store, context.keys, clock),
        FlowCookies(context.keys, clock, LIFETIME),
        on.tokens,
        sessions,
        people,
        on.background,
        clock,
        f"{context.public_url}{CALLBACK}",
    )
    return InteractiveWorkOSBackend(
        InteractiveParts(
            capabilities=capabilities,
            authkit=authkit,
            sessions=sessions,
            signin=signin,
            sealed=OwnSealed(index, records),
            signout=Signout(sessions, on.calls, is_browser_sent=settings.end_session),
            keys=on.keys,
            calls=on.calls,
            store=context.store,
            background=on.background,
        )
    )


def _tell_of_password(settings: WorkOSSettings) -> None:
    if SealKind.PYTHON not in settings.kinds:
        _log.info(
            "%s is no Fernet key: it opens session cookies of the Node SDK, and none of the Python SDK",
            settings.variable("cookie_password"),
        )
