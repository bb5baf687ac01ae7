"""What the better-auth server says of a session and its person, believed only as far as it is whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from netscript_auth_core.domain import MOST_SUBJECT
from netscript_kernel.json_documents import is_array

_MOST_LISTED: Final = 500
# What is later comes to the same, and leaves no room for a duration behind it.
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


class UnclearAnswerError(Exception):
    """An answer that is not what better-auth says. Tells which part; never shows it."""


def _instant(value: object) -> object:
    """Read an instant of ISO 8601 with its offset, up to the latest; all else is left to be refused."""
    if not isinstance(value, str):
        return value
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("has no offset")
    return min(instant.astimezone(UTC), _LATEST)


Instant = Annotated[datetime, BeforeValidator(_instant)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", alias_generator=to_camel)


class ServerSession(_Part):
    """A session as the server keeps it.

    Attributes:
        token: Its credential.
        expires_at: Moves on with use, as configured there.
        impersonated_by: The administrator of the server who acts as the person, where one does.
    """

    token: str = Field(min_length=1, max_length=512, repr=False)
    user_id: str
    created_at: Instant
    expires_at: Instant
    user_agent: str | None = None
    impersonated_by: str | None = None


class ServerUser(_Part):
    """A person as the server knows them.

    Attributes:
        banned: Whether an administrator shut them out, until ``ban_expires`` if that is set.
    """

    id: str = Field(min_length=1, max_length=MOST_SUBJECT)
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    image: str | None = None
    banned: bool | None = None
    ban_expires: Instant | None = None

    def is_banned(self, now: datetime) -> bool:
        """Whether they are shut out at this time."""
        return bool(self.banned) and (self.ban_expires is None or now < self.ban_expires)


class SessionWithUser(_Part):
    """What ``/get-session`` says."""

    session: ServerSession
    user: ServerUser


class ServerAccount(_Part):
    """One of a person's accounts at a provider."""

    provider_id: str = Field(min_length=1, max_length=64)
    account_id: str = Field(min_length=1, max_length=MOST_SUBJECT)


def read_session(document: object) -> SessionWithUser:
    """Return the session and its person.

    Raises:
        UnclearAnswerError: one of them is missing, or something in it.
    """
    try:
        found = SessionWithUser.model_validate(document)
    except (ValidationError, OverflowError) as error:
        raise UnclearAnswerError(_parts(error)) from None
    if found.session.user_id != found.user.id:
        raise UnclearAnswerError("a session of somebody else than the user")
    return found


def read_sessions(document: object) -> list[ServerSession]:
    """Return the sessions of a list.

    Raises:
        UnclearAnswerError: it is none, or holds something else.
    """
    if not is_array(document):
        raise UnclearAnswerError("no list")
    try:
        return [ServerSession.model_validate(each) for each in document[:_MOST_LISTED]]
    except (ValidationError, OverflowError) as error:
        raise UnclearAnswerError(_parts(error)) from None


def read_accounts(document: object) -> Iterator[ServerAccount]:
    """Yield the accounts of a list; what is none is passed over."""
    for each in document[:_MOST_LISTED] if is_array(document) else ():
        try:
            yield ServerAccount.model_validate(each)
        except ValidationError:
            continue


def read_user_claims(claims: dict[str, object]) -> ServerUser:
    """Return the person that a token of the jwt plugin is about, whose id is the subject.

    Raises:
        UnclearAnswerError: something in it is not as better-auth writes it.
    """
    try:
        return ServerUser.model_validate({**claims, "id": claims.get("sub")})
    except (ValidationError, OverflowError) as error:
        raise UnclearAnswerError(_parts(error)) from None


def _parts(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "a time that is none"
    places = {
        ".".join(str(step) for step in fault["loc"]) or "all" for fault in error.errors(include_input=False)
    }
    return f"no valid {', '.join(sorted(places))}"
