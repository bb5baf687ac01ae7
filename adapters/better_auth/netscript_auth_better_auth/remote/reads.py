"""Who asks, by the word of the better-auth server, which is asked about every request."""

import logging
from collections.abc import Sequence
from datetime import datetime

from netscript_auth_better_auth.configuration.server_config import ServerConfig
from netscript_auth_better_auth.outages import server_away
from netscript_auth_better_auth.people import People
from netscript_auth_better_auth.remote.asking import Asking
from netscript_auth_better_auth.remote.credentials import Credential, Credentials, handle_of
from netscript_auth_better_auth.remote.strangers import Strangers
from netscript_auth_better_auth.server.answers import (
    ServerSession,
    ServerUser,
    SessionWithUser,
    UnclearAnswerError,
    read_session,
)
from netscript_auth_better_auth.server.relayed_cookies import relayed_cookies
from netscript_auth_better_auth.server.server_client import ServerClient
from netscript_auth_core.domain import MOST_USER_AGENT, Device, ExternalIdentity
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Denied, Outcome
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.upstream_sessions import UpstreamSession, UpstreamSessions
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.better_auth")


class RemoteReads:
    """Answers for requests.

    Args:
        config: The server.
        client: Asks it.
        credentials: Finds what to ask with.
        people: Knows who its users are.
        known: What is kept here of its sessions.
        clock: Judges every time that the server names.
    """

    def __init__(
        self,
        config: ServerConfig,
        client: ServerClient,
        credentials: Credentials,
        people: People,
        known: UpstreamSessions,
        clock: Clock,
    ) -> None:
        self._config = config
        self._client = client
        self._credentials = credentials
        self._people = people
        self._known = known
        self._clock = clock
        self._asking = Asking(client, clock, Strangers(known, clock) if config.secret is None else None)

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: one request to the server, one read of the store.

        Raises:
            BackendUnavailableError: one of the two did not answer, or not clearly.
        """
        credential = self._credentials.find(request)
        if isinstance(credential, Anonymous):
            return credential
        answer = await self._asking.about(credential)
        sent = answer.set_cookies if credential.is_a_cookie else ()
        cookies = relayed_cookies(sent, self._config.cookies)
        found = None if answer.is_null else self._read(answer.json(), credential.token)
        if found is None:
            return Anonymous(AnonymousReason.SESSION_UNKNOWN, cookies)
        now = self._clock.now()
        if now >= self._end_of(found.session):
            await self._client.revoke(credential.headers, credential.token)
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        if now >= found.session.expires_at:
            return Anonymous(AnonymousReason.SESSION_EXPIRED, cookies)
        if found.session.impersonated_by is not None:
            return Denied(DenialReason.IMPERSONATION)
        if found.user.is_banned(now):
            return Denied(DenialReason.ACCOUNT_DISABLED)

        async def linked() -> Sequence[ExternalIdentity]:
            return self._people.linked(await self._client.list_accounts(credential.headers))

        seen = self.upstream_session(found.session, found.user, credential)
        identity = await self._known.meet(seen, linked)
        if identity is None:
            return Anonymous(AnonymousReason.SESSION_REVOKED)
        return Authenticated(lambda: identity, cookies=cookies)

    async def look(self, credential: Credential) -> SessionWithUser | None:
        """Return what the server says of a session now, without prolonging it; ``None`` where it has ended.

        Raises:
            BackendUnavailableError: it did not say.
        """
        answer = await self._client.get_session(credential.headers, rolls=False)
        found = None if answer.is_null else self._read(answer.json(), credential.token)
        return found if found and self._clock.now() < found.session.expires_at else None

    def upstream_session(
        self, session: ServerSession, user: ServerUser, credential: Credential
    ) -> UpstreamSession:
        """Return a session in the words of the core."""
        end = self._end_of(session)
        return UpstreamSession(
            handle=handle_of(session.token),
            identity=self._people.identity(user),
            created_at=session.created_at,
            idle_expires_at=min(session.expires_at, end),
            expires_at=end,
            device=Device(user_agent=(session.user_agent or "")[:MOST_USER_AGENT] or None),
            credential=credential.kept,
        )

    def _read(self, document: object, token: str) -> SessionWithUser | None:
        """Return the session and its person; ``None`` where the answer names none, or half of it.

        Raises:
            BackendUnavailableError: it is about another session than was asked for.
        """
        try:
            found = read_session(document)
        except UnclearAnswerError as error:
            _log.error("the better-auth server answered, but names nobody: %s", error)
            return None
        if found.session.token != token:
            _log.error("the better-auth server answered for another session: is a cache before it?")
            raise server_away("it answered for another session than was asked for")
        return found

    def _end_of(self, session: ServerSession) -> datetime:
        """When a session ends whatever the server says, which prolongs it with use for ever."""
        return session.created_at + self._config.longest_session
