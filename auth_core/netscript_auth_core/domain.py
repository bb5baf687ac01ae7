"""Who is signed in, in words of no vendor. Frozen; camelCase on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field

from netscript_kernel.contracts import WireModel

# How many characters each may have, for whoever leaves out what has more.
MOST_ISSUER: Final = 2048
MOST_SUBJECT: Final = 255
MOST_EMAIL: Final = 320
MOST_NAME: Final = 255
MOST_PICTURE: Final = 2048
MOST_USER_AGENT: Final = 255

# Not printable by Python's word, and yet letters of Persian and families of emoji are joined by them.
_JOINERS: Final = frozenset("\u200c\u200d")


def visible_name(name: str | None) -> str | None:
    """Return a name in which nothing moves the cursor, turns the direction or begins a new line."""
    if name is None or name.isprintable():
        return name
    seen = "".join(each if each.isprintable() or each in _JOINERS else " " for each in name)
    return " ".join(seen.split()) or None


class SessionState(StrEnum):
    """Where a session is in its life. ``revoked`` and ``expired`` are final."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Device(WireModel):
    """What a session was started from, for the person to recognise it.

    Attributes:
        user_agent: The ``User-Agent`` header of the sign-in, at most 255 characters.
    """

    user_agent: str | None = Field(default=None, max_length=MOST_USER_AGENT)


class ExternalIdentity(WireModel):
    """What a provider says of a person; the key is (issuer, subject), never the e-mail address.

    Attributes:
        issuer: Who vouches: the OpenID issuer, or a stable name for providers without one.
        subject: The person's id there, 1 to 255 characters (OpenID Connect Core section 2).
        provider_id: Which configured provider it came through.
        email: As the provider gives it, at most 320 characters; may change hands.
        email_verified: Whether the provider asserts that the person controls the address.
        name: Control characters are left out: how somebody is called keeps nobody from signing in.
    """

    issuer: str = Field(min_length=1, max_length=MOST_ISSUER)
    subject: str = Field(min_length=1, max_length=MOST_SUBJECT)
    provider_id: str
    email: str | None = Field(default=None, max_length=MOST_EMAIL)
    email_verified: bool = False
    name: Annotated[str | None, AfterValidator(visible_name)] = Field(default=None, max_length=MOST_NAME)
    picture: str | None = Field(default=None, max_length=MOST_PICTURE)


class Account(WireModel):
    """An external identity as linked to one of our users."""

    issuer: str
    subject: str
    provider_id: str
    email: str | None = None
    email_verified: bool = False


class AuthUser(WireModel):
    """A person, by our own id, which no change of backend or provider changes.

    Attributes:
        id: Stable, ours, such as ``usr_Vb3...``.
        accounts: The external identities that lead to this person.
    """

    id: str
    created_at: datetime
    name: str | None = None
    email: str | None = None
    email_verified: bool = False
    picture: str | None = None
    accounts: tuple[Account, ...] = ()


class AuthSession(WireModel):
    """One sign-in of one person on one device. Holds no credential.

    Attributes:
        handle: Names the session, for listing and revoking; knowing it lets nobody in.
        user_id: Whose it is.
        backend: Which backend keeps it.
        provider_id: Through which provider the person signed in.
        authenticated_at: When the person last showed the provider who they are, as it proved; ``None`` where
            it proved nothing. They may only have been remembered there then, however young the session is.
        last_seen_at: Recorded now and then, so it may lag by minutes.
        idle_expires_at: Ends then unless used before; moves on with use.
        expires_at: Ends then whatever happens.
    """

    handle: str
    user_id: str
    backend: str
    provider_id: str
    state: SessionState
    created_at: datetime
    authenticated_at: datetime | None = None
    last_seen_at: datetime
    idle_expires_at: datetime
    expires_at: datetime
    scopes: tuple[str, ...] = ()
    device: Device = Device()


class Principal(WireModel):
    """Who acts, for authorization in services: a session without its bookkeeping.

    Attributes:
        user_id: Our stable id.
        session_handle: The session that this was derived from.
        scopes: Granted by the provider.
        roles: As the backend gives them. Where they come from an upstream, it is one that the operator runs
            for that; those of a provider that people merely sign in with are not taken over.
    """

    user_id: str
    session_handle: str
    backend: str
    provider_id: str
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @classmethod
    def without_roles(cls, session: AuthSession) -> Self:
        """Return who acts in a session, where the backend gives nobody a role."""
        return cls(
            user_id=session.user_id,
            session_handle=session.handle,
            backend=session.backend,
            provider_id=session.provider_id,
            scopes=session.scopes,
        )


class ProviderDescriptor(WireModel):
    """A provider that people may choose to sign in with.

    Attributes:
        id: As in ``providerId``; lower-case letters, digits and hyphens.
        kind: ``oidc`` or ``oauth2``.
        step_up: Whether it may be asked to prove that somebody signed in there just now (``maxAge``).
    """

    id: str
    display_name: str
    kind: str
    scopes: tuple[str, ...] = ()
    step_up: bool = False
