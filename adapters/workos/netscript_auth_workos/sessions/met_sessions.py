"""Whose a session of WorkOS is by our user ids: as it was met before, or asked of WorkOS at first contact."""

import logging
from collections.abc import Mapping

from workos.common.models.user_sessions_list_item import UserSessionsListItem

from netscript_auth_core.domain import MOST_USER_AGENT, AuthSession, Device, ExternalIdentity, SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Denied, Identity
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.upstream_sessions import SEEN_EVERY, ListAccounts, UpstreamSession, UpstreamSessions
from netscript_auth_workos.api.accounts import identity_of, linked_accounts
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.reading.proofs import Proof
from netscript_auth_workos.sessions.endings import WHY_OVER
from netscript_auth_workos.sessions.grants import scopes_of
from netscript_auth_workos.sessions.listings import Listings
from netscript_auth_workos.sessions.renewed_cookies import LONGEST_KEPT
from netscript_auth_workos.tokens.access_token import AccessToken
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.workos")


class MetSessions:
    """Meets sessions.

    Args:
        sessions: What we keep of them.
        listings: Ask WorkOS for a session.
        calls: Asks WorkOS for its person.
        issuer: Names the environment in accounts.
        clock: Tells when a session was seen last.
    """

    def __init__(
        self,
        sessions: UpstreamSessions,
        listings: Listings,
        calls: WorkOSCalls,
        issuer: str,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._listings = listings
        self._calls = calls
        self._issuer = issuer
        self._clock = clock

    async def identity(self, proof: Proof) -> Identity | Anonymous | Denied:
        """Return the session of a proof with its person: one read of the store where nothing is new.

        All that may fail is done here, so that a proof that is due can be renewed without losing what for.

        Raises:
            BackendUnavailableError: could not find out.
        """
        token = proof.token
        known = await self._sessions.identity(token.session_id)
        if known is None:
            return await self._first_met(proof)
        account = self._account(known, token)
        if account is None:
            return Anonymous(AnonymousReason.TOKEN_INVALID)
        is_seen = self._clock.now() - known.session.last_seen_at < SEEN_EVERY
        if proof.is_due or (is_seen and scopes_of(token) == known.session.scopes):
            return known
        return await self._meet(_again(known, account, token))

    async def renewed(
        self, known: Identity, token: AccessToken, user: Mapping[str, object]
    ) -> Identity | Anonymous:
        """Return a session as it is after a renewal, with its person as WorkOS has them now."""
        seen = _again(known, identity_of(self._issuer, token.subject, user), token)
        try:
            return await self._meet(seen)
        except BackendUnavailableError as error:
            # WorkOS vouches for it, and it had not ended here a moment ago: what is left is to note that. The
            # browser must not lose its new cookie over it.
            _log.warning("a renewed session could not be noted: %s", error.problem)
            return Identity(known.session.model_copy(update={"scopes": seen.scopes}), known.user)

    async def listed(self, account: ExternalIdentity, item: UserSessionsListItem) -> AuthSession | None:
        """Return a session of a list; one that was not met here yet is met, so that its handle can end it.

        Returns:
            ``None`` where somebody of the dashboard acts as the person: met, it would count as the person's.
        """
        if item.impersonator is not None:
            return None
        known = await self._sessions.get(item.id)
        if known is not None:
            return known
        await self._sessions.meet(_upstream(account, item, ()))
        return await self._sessions.get(item.id)

    async def _first_met(self, proof: Proof) -> Identity | Anonymous | Denied:
        token = proof.token
        session = await self._sessions.get(token.session_id)
        if session is not None and session.state is not SessionState.ACTIVE:
            return Anonymous(WHY_OVER[session.state])
        if self._clock.now() - token.expires_at > LONGEST_KEPT:
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        item = await self._listings.find(token)
        if item is None:
            return Anonymous(_why_not_listed(proof))
        if item.impersonator is not None:
            return Denied(DenialReason.IMPERSONATION)
        # What an old cookie says of its person may have been true months ago.
        user = proof.data.user if proof.data is not None and not proof.is_due else None
        if user is None:
            user = await self._calls.user(token.subject)
        if user is None:
            return Anonymous(_why_not_listed(proof))
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


def _why_not_listed(proof: Proof) -> AnonymousReason:
    # A token that is still good has not heard yet that its session was ended. Of an older one nobody knows
    # whether it was, or came to its own end.
    return AnonymousReason.SESSION_EXPIRED if proof.is_due else AnonymousReason.SESSION_REVOKED


def _again(known: Identity, account: ExternalIdentity, token: AccessToken) -> UpstreamSession:
    session = known.session
    return UpstreamSession(
        handle=token.session_id,
        identity=account,
        created_at=session.created_at,
        idle_expires_at=session.idle_expires_at,
        expires_at=session.expires_at,
        scopes=scopes_of(token),
        device=session.device,
    )


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
        device=Device(user_agent=item.user_agent[:MOST_USER_AGENT] if item.user_agent else None),
    )
