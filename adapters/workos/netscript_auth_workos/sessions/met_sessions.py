"""Whose a session of WorkOS is by our user ids: as it was met before, or asked of WorkOS at first contact."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from workos.common.models.user_sessions_list_item import UserSessionsListItem

from netscript_auth_core.domain import Device, ExternalIdentity, SessionState
from netscript_auth_core.ports import Anonymous, Denied, Identity
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.upstream_sessions import ListAccounts, UpstreamSession, UpstreamSessions
from netscript_auth_workos.api.accounts import identity_of, linked_accounts
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.reading.proofs import WHY_OVER, Proof
from netscript_auth_workos.sessions.grants import scopes_of
from netscript_auth_workos.tokens.access_token import AccessToken
from netscript_kernel.clock import Clock

# So often a session in use is written down as seen.
_SEEN_EVERY: Final = timedelta(minutes=5)
_MOST_USER_AGENT: Final = 255


class MetSessions:
    """Meets sessions.

    Args:
        sessions: What we keep of them.
        calls: Asks WorkOS.
        issuer: Names the environment in accounts.
        clock: Tells when a session was seen last.
    """

    def __init__(self, sessions: UpstreamSessions, calls: WorkOSCalls, issuer: str, clock: Clock) -> None:
        self._sessions = sessions
        self._calls = calls
        self._issuer = issuer
        self._clock = clock

    async def of(self, proof: Proof) -> Identity | Anonymous | Denied:
        """Return the session of a proof with its person: one read of the store where nothing is new.

        Raises:
            BackendUnavailableError: could not find out.
        """
        token = proof.token
        known = await self._sessions.identity(token.session_id)
        if known is None:
            return await self._not_known(proof)
        account = self._account(known, token)
        if account is None:
            return Anonymous(AnonymousReason.TOKEN_INVALID)
        is_seen = self._clock.now() - known.session.last_seen_at < _SEEN_EVERY
        scopes = scopes_of(token)
        if is_seen and not proof.is_renewed and scopes == known.session.scopes:
            return known
        if proof.is_renewed and proof.data is not None and proof.data.user is not None:
            account = identity_of(self._issuer, token.subject, proof.data.user)
        session = known.session
        return await self._meet(
            UpstreamSession(
                handle=token.session_id,
                identity=account,
                created_at=session.created_at,
                idle_expires_at=session.idle_expires_at,
                expires_at=session.expires_at,
                scopes=scopes,
                device=session.device,
            )
        )

    async def listed(self, account: ExternalIdentity, item: UserSessionsListItem) -> None:
        """Meet a session of a list that was not met here yet, so that it can be ended by its handle."""
        if await self._sessions.get(item.id) is None:
            await self._sessions.meet(_upstream(account, item, ()))

    async def _not_known(self, proof: Proof) -> Identity | Anonymous | Denied:
        token = proof.token
        session = await self._sessions.get(token.session_id)
        if session is not None and session.state is not SessionState.ACTIVE:
            return Anonymous(WHY_OVER[session.state])
        listed = await self._calls.sessions(token.subject)
        item = next((each for each in listed if each.id == token.session_id), None)
        if item is None:
            # It was ended there; the token has not heard of it yet.
            return Anonymous(AnonymousReason.SESSION_REVOKED)
        if item.impersonator is not None:
            return Denied(DenialReason.IMPERSONATION)
        user = proof.data.user if proof.data is not None else None
        if user is None:
            user = await self._calls.user(token.subject)
        if user is None:
            return Anonymous(AnonymousReason.SESSION_REVOKED)
        account = identity_of(self._issuer, token.subject, user)
        return await self._meet(_upstream(account, item, scopes_of(token)), self._lister(token.subject))

    async def _meet(self, seen: UpstreamSession, linked: ListAccounts | None = None) -> Identity | Anonymous:
        identity = await self._sessions.meet(seen, linked)
        return identity if identity is not None else Anonymous(AnonymousReason.SESSION_REVOKED)

    def _account(self, known: Identity, token: AccessToken) -> ExternalIdentity | None:
        """Return the account of the token's person as it is known; ``None`` where it is another's."""
        key = (self._issuer, token.subject)
        accounts = (each for each in known.user.accounts if (each.issuer, each.subject) == key)
        account = next(accounts, None)
        if account is None:
            return None
        profile: Mapping[str, object] = {"name": known.user.name, "picture": known.user.picture}
        return ExternalIdentity.model_validate({**account.model_dump(), **profile})

    def _lister(self, subject: str) -> ListAccounts:
        async def linked() -> list[ExternalIdentity]:
            return linked_accounts(await self._calls.identities(subject))

        return linked


def _upstream(
    account: ExternalIdentity, item: UserSessionsListItem, scopes: tuple[str, ...]
) -> UpstreamSession:
    return UpstreamSession(
        handle=item.id,
        identity=account,
        created_at=item.created_at,
        idle_expires_at=item.expires_at,
        expires_at=item.expires_at,
        scopes=scopes,
        device=Device(user_agent=item.user_agent[:_MOST_USER_AGENT] if item.user_agent else None),
    )
