"""Renews what a provider granted. A revocation that happens meanwhile wins; an outage changes nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import (
    BackendUnavailableError,
    FlowRefusedError,
    ProviderProtocolError,
    SessionEndedError,
)
from netscript_auth_core.ports import Identity
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.audit import Audit
from netscript_auth_kv_oauth.background import Background, SingleFlight
from netscript_auth_kv_oauth.grants import Grant, Grants
from netscript_auth_kv_oauth.outages import LOG, provider_away
from netscript_auth_kv_oauth.provider_clients import ProviderClients
from netscript_auth_kv_oauth.refusals import TokenRefusedError
from netscript_auth_kv_oauth.session_store import ATTEMPTS, SessionStore, too_busy
from netscript_auth_kv_oauth.stored_sessions import Stored
from netscript_kernel.kv.port import Check, Entry

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider_client import ProviderClient, Renewed

# The only answer that says that the grant is over; all others may be a passing trouble, or ours.
FINAL: Final = "invalid_grant"


@dataclass(frozen=True, slots=True)
class _Renewable:
    """A grant that can be renewed, with the versions that everything later is checked against."""

    session: Stored
    entry: Entry
    grant: Grant
    client: "ProviderClient"

    @property
    def check(self) -> Check:
        return Check(self.entry.key, self.entry.version)


class Refresher:
    """Renews the grants of sessions; one attempt per session at a time in this process."""

    def __init__(
        self,
        sessions: SessionStore,
        grants: Grants,
        users: UserDirectory,
        clients: ProviderClients,
        audit: Audit,
        background: Background,
    ) -> None:
        self._sessions = sessions
        self._grants = grants
        self._users = users
        self._clients = clients
        self._audit = audit
        self._flights: SingleFlight[AuthSession] = SingleFlight(background)

    async def refresh(self, handle: str) -> AuthSession:
        """Renew the grant of a session and return the session; see :meth:`SessionsPort.refresh`."""
        return await self._flights.run(handle, lambda: self._refresh(handle))

    async def _refresh(self, handle: str) -> AuthSession:
        # Read before the provider is asked: what is written afterwards is checked against this.
        session = await self._sessions.read_active(handle)
        renewable = await self._renewable(session)
        if renewable is None:
            return self._sessions.decode(session)
        try:
            renewed = await renewable.client.renew(renewable.grant)
        except TokenRefusedError as error:
            return await self._refused(renewable, error)
        except FlowRefusedError as error:
            told = f"{error.code.value}, expected {error.expected}, saw {error.seen}"
            raise _unusable(renewable.grant.provider_id, told) from error
        except ProviderProtocolError as error:
            raise _unusable(renewable.grant.provider_id, error.problem) from error
        return await self._keep(renewable, renewed)

    async def _renewable(self, session: Stored) -> _Renewable | None:
        entry = await self._grants.read(session.handle)
        if entry is None:
            return None
        grant = self._grants.open(session.handle, entry)
        if grant is None:
            LOG.warning("a grant does not open with the configured keys: its session goes on without renewal")
            return None
        client = await self._clients.get_for(grant.provider_id, grant.issuer)
        if client is None:
            return None
        return _Renewable(session, entry, grant, client)

    async def _refused(self, renewable: _Renewable, error: TokenRefusedError) -> AuthSession:
        provider_id = renewable.grant.provider_id
        if error.error != FINAL:
            LOG.error(
                "provider %s refuses to refresh: %s; check our registration there", provider_id, error.error
            )
            raise provider_away(provider_id, f"it refuses to refresh ({error.error})") from error
        handle = renewable.session.handle
        for _ in range(ATTEMPTS):
            session = await self._sessions.read_active(handle)
            if await self._sessions.revoke(session, renewable.check):
                self._audit.revoked(provider_id, error.error)
                raise SessionEndedError(AnonymousReason.SESSION_REVOKED)
            if await self._is_superseded(renewable):
                # Another process redeemed this token a moment earlier, which is why ours is refused.
                return self._sessions.decode(await self._sessions.read_active(handle))
        raise too_busy()

    async def _keep(self, renewable: _Renewable, renewed: "Renewed") -> AuthSession:
        session = renewable.session
        for _ in range(ATTEMPTS):
            identity = await self._renewed_identity(session.identity, renewed)
            put = self._grants.put(session.handle, renewed.grant, identity.session.expires_at)
            if await self._sessions.replace(session, identity, renewable.check, put):
                self._audit.refreshed(renewed.grant.provider_id)
                return identity.session
            # Revoked meanwhile: this raises, and the fresh tokens are dropped. Only touched: try again.
            session = await self._sessions.read_active(session.handle)
            if await self._is_superseded(renewable):
                return self._sessions.decode(session)
        raise too_busy()

    async def _is_superseded(self, renewable: _Renewable) -> bool:
        entry = await self._grants.read(renewable.session.handle)
        return entry is not None and entry.version != renewable.entry.version

    async def _renewed_identity(self, before: Identity, renewed: "Renewed") -> Identity:
        user = before.user
        if renewed.identity is not None:
            fresh = await self._users.resolve(renewed.identity)
            # Linked to somebody else since: that is for the linking to carry into sessions, not for us.
            user = fresh if fresh.id == user.id else user
        return Identity(before.session.model_copy(update={"scopes": renewed.grant.scopes}), user)


def _unusable(provider_id: str, problem: str) -> BackendUnavailableError:
    LOG.error("provider %s: a refresh brought something that cannot be used: %s", provider_id, problem)
    return provider_away(provider_id, "its answer cannot be used")
