"""Sign-outs that providers tell us of: OpenID Connect Back-Channel Logout 1.0, as the port has it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.errors import LogoutRefusedError
from netscript_auth_core.reasons import LogoutReason
from netscript_auth_kv_oauth.audit import Audit
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.provider.provider_clients import ProviderClients
from netscript_auth_kv_oauth.sessions.origins import Origins
from netscript_auth_kv_oauth.sessions.session_endings import SessionEndings
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.signout.pending_revocations import SignoutScope
from netscript_auth_kv_oauth.signout.used_logouts import UsedLogouts

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider.logout_tokens import Logout
    from netscript_auth_kv_oauth.provider.provider_client import ProviderClient

REASON: Final = "upstream_logout"


class UpstreamLogouts:
    """Takes logout tokens.

    Args:
        clients: Read the tokens of their provider.
        used: Those that were used.
        origins: Tell which sessions one means.
        sessions: Reads sessions.
        endings: Ends them.
        users: Find a person's sessions from before origins were kept.
        audit: Is told of each ending.
    """

    def __init__(
        self,
        clients: ProviderClients,
        used: UsedLogouts,
        origins: Origins,
        sessions: SessionStore,
        endings: SessionEndings,
        users: UserDirectory,
        audit: Audit,
    ) -> None:
        self._clients = clients
        self._used = used
        self._origins = origins
        self._sessions = sessions
        self._endings = endings
        self._users = users
        self._audit = audit

    async def end(self, provider_id: str, logout_token: str) -> int:
        """End what a logout token means; see :meth:`UpstreamLogoutPort.end`."""
        logout = await (await self._client(provider_id)).read_logout(logout_token)
        with store_outages():
            if await self._used.has(logout):
                raise _replayed(provider_id)
            handles = await self._meant(logout, provider_id)
            ended = [await self._end_one(handle, provider_id) for handle in handles]
            # Only now: what the store could not do, the same token has to do when it is sent again. Of two at
            # once both have ended the same sessions, and one is told so.
            if not await self._used.add(logout):
                raise _replayed(provider_id)
        return sum(ended)

    async def _client(self, provider_id: str) -> "ProviderClient":
        config = self._clients.configs.get(provider_id)
        if config is not None and not config.preset.is_openid:
            raise LogoutRefusedError(LogoutReason.NO_LOGOUT_TOKENS, provider_id=provider_id)
        client = await self._clients.get(provider_id)
        if client is None:
            raise LogoutRefusedError(LogoutReason.PROVIDER_UNKNOWN, expected="a configured provider")
        return client

    async def _meant(self, logout: "Logout", provider_id: str) -> Sequence[str]:
        if logout.sid is not None:
            return await self._origins.of_sid(logout.issuer, logout.sid, logout.subject)
        if logout.subject is None:
            return ()
        known = await self._origins.of_person(logout.issuer, logout.subject)
        return [*known, *await self._from_before(logout.issuer, logout.subject, provider_id)]

    async def _from_before(self, issuer: str, subject: str, provider_id: str) -> Sequence[str]:
        """Return a person's sessions of which it is not known where they come from, as far as it shows."""
        user = await self._users.find(issuer, subject)
        active = await self._sessions.list_active(user.id) if user is not None else []
        handles = [session.handle for session in active if session.provider_id == provider_id]
        return [handle for handle in handles if not await self._origins.is_known(handle)]

    async def _end_one(self, handle: str, provider_id: str) -> bool:
        ended = await self._endings.end(handle, SignoutScope.UPSTREAM)
        if ended is not None:
            self._audit.revoked(
                ended.provider_id or provider_id, REASON, handle=ended.handle, user_id=ended.user_id
            )
        return ended is not None


def _replayed(provider_id: str) -> LogoutRefusedError:
    return LogoutRefusedError(
        LogoutReason.TOKEN_REPLAYED,
        expected="a jti that was not used",
        seen="a used one",
        provider_id=provider_id,
    )
