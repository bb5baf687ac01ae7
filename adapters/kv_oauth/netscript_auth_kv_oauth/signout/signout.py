"""Sign-out as the port has it: sessions end in the store, then providers are told, as far as they answer."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.provider.provider_clients import ProviderClients
from netscript_auth_kv_oauth.sessions.session_endings import Ended, SessionEndings
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.sessions.tokens import is_handle
from netscript_auth_kv_oauth.signout.pending_revocations import SignoutScope
from netscript_auth_kv_oauth.signout.upstream_revocations import UpstreamRevocations

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider.provider_client import ProviderClient

_log = logging.getLogger("netscript.auth.kv_oauth")

_NOBODY: Final = SignedOut(0)

T = TypeVar("T")


class Signout:
    """Ends sessions together with what their providers hold of them."""

    def __init__(
        self,
        sessions: SessionStore,
        endings: SessionEndings,
        upstream: UpstreamRevocations,
        clients: ProviderClients,
        background: Background,
        patience: Patience,
    ) -> None:
        self._sessions = sessions
        self._endings = endings
        self._upstream = upstream
        self._clients = clients
        self._background = background
        self._seconds = patience.signout.total_seconds()

    async def end(self, request: SignoutRequest) -> SignedOut:
        """Sign out; see :meth:`SignoutPort.end`."""
        if not is_handle(request.handle):
            return _NOBODY
        with store_outages():
            own, others = await self._end(request)
        if own is None:
            return _NOBODY
        url = await self._in_time(self._end_session_url(own, request))
        # Where the browser goes there, the provider ends what is its own. Asked before that to forget the
        # token, some take the session for over and do not sign the browser out any more (Keycloak 32051);
        # the upkeep asks afterwards, whether the browser went there or not.
        told_now = others if url is not None else [own, *others]
        tasks = self._upstream.tell(each.handle for each in told_now if each.is_pending)
        statuses = await self._statuses(tasks) + [
            UpstreamStatus.UNSUPPORTED for each in (own, *others) if _cannot_be_told(each)
        ]
        if url is not None and own.is_pending:
            statuses.append(UpstreamStatus.PENDING)
        handles = tuple(each.handle for each in (own, *others))
        return SignedOut(len(handles), UpstreamStatus.worst(statuses), url, own.user_id, handles)

    async def _end(self, request: SignoutRequest) -> tuple[Ended | None, Sequence[Ended]]:
        """End the session that asks, and the others of its person where that is wished."""
        if not request.everywhere:
            return await self._endings.end(request.handle, SignoutScope.SESSION), ()
        user_id = await self._sessions.owner(request.handle)
        own = await self._endings.end(request.handle, SignoutScope.PERSON)
        if own is None or user_id is None:
            return own, ()
        return own, await self._endings.end_all(user_id, None, SignoutScope.PERSON)

    async def _end_session_url(self, own: Ended, request: SignoutRequest) -> str | None:
        client = await self._client_of(own)
        if client is None or not client.signs_browsers_out:
            return None
        hint = own.grant.id_token if own.grant is not None else None
        try:
            return await client.end_session_url(hint, request.return_to, request.state)
        except BackendUnavailableError as error:
            _log.warning("a browser is not signed out at %s: %s", own.provider_id, error.problem)
            return None

    async def _client_of(self, own: Ended) -> "ProviderClient | None":
        if own.grant is not None:
            return await self._clients.get_for(own.grant.provider_id, own.grant.issuer)
        return await self._clients.get(own.provider_id) if own.provider_id is not None else None

    async def _statuses(self, tasks: "Sequence[asyncio.Task[UpstreamStatus]]") -> list[UpstreamStatus]:
        """Return what is known of the revocations within a short while."""
        if tasks:
            await asyncio.wait(tasks, timeout=self._seconds)
        return [_result(task) or UpstreamStatus.PENDING for task in tasks]

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Return the result; ``None`` where it takes too long, going on nevertheless, or fails."""
        task = self._background.start(work)
        await asyncio.wait([task], timeout=self._seconds)
        return _result(task)


def _cannot_be_told(ended: Ended) -> bool:
    """Whether something was granted that its provider is not asked to forget."""
    grant = ended.grant
    return not ended.is_pending and grant is not None and grant.refresh_token is not None


def _result(task: "asyncio.Task[T]") -> T | None:
    is_there = task.done() and not task.cancelled() and task.exception() is None
    return task.result() if is_there else None
