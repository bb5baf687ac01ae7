"""The parts of the backend, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.events import EventSink
from netscript_auth_core.flows.flow_cookies import FlowCookies
from netscript_auth_core.flows.flow_gate import FlowGate
from netscript_auth_core.flows.transactions import LIFETIME, Transactions
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_kv_oauth.audit import Audit
from netscript_auth_kv_oauth.backend import KvOAuthBackend, Parts
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.grants.grants import Grants
from netscript_auth_kv_oauth.grants.lazy_refreshes import LazyRefreshes
from netscript_auth_kv_oauth.grants.refresh import Refresher
from netscript_auth_kv_oauth.grants.refresh_attempts import RefreshAttempts
from netscript_auth_kv_oauth.grants.refresh_leases import RefreshLeases
from netscript_auth_kv_oauth.grants.refresh_outcomes import RefreshOutcomes
from netscript_auth_kv_oauth.grants.refresh_turns import RefreshTurns
from netscript_auth_kv_oauth.grants.sealed_secrets import Secrets
from netscript_auth_kv_oauth.offered import capabilities_with
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.provider.provider_clients import ProviderClients
from netscript_auth_kv_oauth.providers import Providers
from netscript_auth_kv_oauth.sessions.origins import Origins
from netscript_auth_kv_oauth.sessions.portable_sessions import PortableSessions
from netscript_auth_kv_oauth.sessions.recent_answers import RecentAnswers
from netscript_auth_kv_oauth.sessions.session_endings import SessionEndings
from netscript_auth_kv_oauth.sessions.session_room import SessionRoom
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.sessions.session_touches import SessionTouches
from netscript_auth_kv_oauth.sessions.sessions import SessionLimits, Sessions
from netscript_auth_kv_oauth.sessions.telling_store import TellingStore
from netscript_auth_kv_oauth.signin.callback import Callback
from netscript_auth_kv_oauth.signin.interactive import Interactive
from netscript_auth_kv_oauth.signin.signin import Signin
from netscript_auth_kv_oauth.signout.pending_revocations import PendingRevocations
from netscript_auth_kv_oauth.signout.signout import Signout
from netscript_auth_kv_oauth.signout.upstream_logouts import UpstreamLogouts
from netscript_auth_kv_oauth.signout.upstream_revocations import UpstreamRevocations
from netscript_auth_kv_oauth.signout.used_logouts import UsedLogouts
from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the backend stands on; the service's, or an application's."""

    store: KvStorePort
    keys: SealingKeys
    users: UserDirectory
    clock: Clock
    events: EventSink
    http: "httpx.AsyncClient | None" = None
    is_production: bool = True
    owns_store: bool = False
    patience: Patience = field(default_factory=Patience)


def assemble(
    configs: Sequence[ProviderConfig], around: Surroundings, limits: SessionLimits
) -> KvOAuthBackend:
    """Return the backend, whole."""
    store, recent = around.store, RecentAnswers(limits.staleness, around.clock) if limits.staleness else None
    if recent is not None:
        around = replace(around, store=TellingStore(around.store, recent))
    background, audit = Background(), Audit(around.events, around.clock)
    clients = ProviderClients(
        configs, around.clock, background, http=around.http, is_production=around.is_production
    )
    index = SealedIndex(around.store, around.keys, around.clock)
    stored, grants = SessionStore(around.store, around.clock), Grants(around.store, around.keys, index)
    leases = RefreshLeases(around.store, around.clock)
    pending = PendingRevocations(around.store, index, around.clock)
    patience = around.patience
    upstream = UpstreamRevocations(
        around.store, pending, grants, leases, clients, audit, background, around.clock, patience
    )
    session_endings = SessionEndings(around.store, stored, grants, leases, pending, upstream.is_to_be_told)
    room = SessionRoom(around.store, stored, session_endings, around.clock, limits.per_user)
    turns = RefreshTurns(stored, grants, leases, clients, around.clock)
    outcomes = RefreshOutcomes(leases, stored, grants, around.users, upstream, audit)
    attempts = RefreshAttempts(turns, outcomes)
    refresher = Refresher(attempts, stored, background, patience)
    sessions = Sessions(
        stored, grants, around.users, refresher, session_endings, room, upstream, audit, around.clock, limits
    )
    capabilities = capabilities_with(configs, limits.staleness)
    origins = Origins(around.store)
    logouts = UpstreamLogouts(
        clients,
        UsedLogouts(around.store),
        origins,
        stored,
        session_endings,
        around.users,
        audit,
    )
    transactions = Transactions(around.store, around.keys, around.clock)
    cookies = FlowCookies(around.keys, around.clock, LIFETIME)
    interactive = Interactive(
        Signin(clients, transactions, cookies, around.clock),
        Callback(FlowGate(clients, transactions, cookies, around.clock, store_outages), sessions, background),
    )
    return KvOAuthBackend(
        Parts(
            capabilities=capabilities,
            store=store,
            clock=around.clock,
            providers=Providers(configs),
            sessions=sessions,
            interactive=interactive,
            touches=SessionTouches(stored, around.users, around.clock, background),
            refreshes=LazyRefreshes(attempts, background, patience),
            signout=Signout(stored, session_endings, upstream, clients, background, patience),
            upkeep=upstream,
            sealed=Secrets(index, around.keys, around.store, stored, grants, pending),
            portable=PortableSessions(around.store, stored, grants, origins, around.clock),
            upstream_logout=logouts if Capability.UPSTREAM_LOGOUT in capabilities else None,
            clients=clients,
            background=background,
            owns_store=around.owns_store,
            recent=recent,
        )
    )
