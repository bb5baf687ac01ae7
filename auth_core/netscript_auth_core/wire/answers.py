"""Answers to who asks, encoded without what a framework would do for each request."""

from typing import Final

from netscript_auth_core.domain import Principal
from netscript_auth_core.ports import EncodedViews, Identity
from netscript_auth_core.wire.checks import SessionView, VerifiedUser, VerifyView

_BEGIN: Final = b'{"authenticated":true,'


def encode_views(identity: Identity) -> EncodedViews:
    """Encode what ``/session`` and ``/me`` answer once, to be kept with the session."""
    session = SessionView(authenticated=True, session=identity.session)
    return EncodedViews(session.to_wire(), identity.user.to_wire())


def encode_verified(identity: Identity, principal: Principal) -> bytes:
    """Return the answer of ``/verify`` for one who may pass."""
    session, user = identity.session, identity.user
    # Unchecked: each part was checked when it was read, and this is done for every request behind a proxy.
    known = VerifiedUser.model_construct(
        id=user.id, name=user.name, email=user.email, email_verified=user.email_verified
    )
    return VerifyView.model_construct(
        principal=principal,
        user=known,
        authenticated_at=session.authenticated_at,
        expires_at=session.expires_at,
    ).to_wire()


def encode_me(views: EncodedViews) -> bytes:
    """Return the answer of ``/me``: what :class:`MeView` would write of the same session and person."""
    return _BEGIN + b'"user":' + views.user + b"," + views.session[len(_BEGIN) :]
