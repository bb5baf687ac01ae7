"""What a session cookie holds, whichever SDK wrote it, and how it may be refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.json_documents import is_object


class SealKind(StrEnum):
    """Who writes a cookie like that: the Python SDK, the Node SDK, or one that seals nothing."""

    PYTHON = "python"
    NODE = "node"
    PLAIN = "plain"


class SealRefusedError(Exception):
    """A cookie that leads to no session.

    Attributes:
        reason: Told to the client.
        problem: For the log; repeats nothing of the cookie.
    """

    def __init__(self, reason: AnonymousReason, problem: str) -> None:
        self.reason = reason
        self.problem = problem
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class SessionData:
    """An opened cookie.

    Attributes:
        kind: In which form it came, and goes back.
        members: All of it, as written.
    """

    kind: SealKind
    members: Mapping[str, object] = field(repr=False)

    @property
    def access_token(self) -> str:
        """The access token; not verified yet."""
        return self._text("access_token", "accessToken") or ""

    @property
    def refresh_token(self) -> str | None:
        """The refresh token, where there is one."""
        return self._text("refresh_token", "refreshToken")

    @property
    def user(self) -> Mapping[str, object] | None:
        """The person, in the API's names; ``None`` where nothing vouches for what is said."""
        user = self.members.get("user")
        if self.kind is SealKind.PLAIN or not is_object(user):
            return None
        return {_snake(name): value for name, value in user.items()}

    @property
    def is_impersonated(self) -> bool:
        """Whether somebody of the dashboard acts as the person."""
        return self.members.get("impersonator") is not None

    def renewed(self, access_token: str, refresh_token: str, user: Mapping[str, object]) -> "SessionData":
        """Return the same with new tokens, in the same names; what else is in it stays."""
        if "access_token" in self.members:
            new: dict[str, object] = {
                "access_token": access_token,
                "refresh_token": refresh_token,
                "user": dict(user),
            }
        else:
            camel = {_camel(name): value for name, value in user.items()}
            new = {"accessToken": access_token, "refreshToken": refresh_token, "user": camel}
        return SessionData(self.kind, {**self.members, **new})

    def _text(self, *names: str) -> str | None:
        found = (self.members.get(name) for name in names)
        return next((value for value in found if isinstance(value, str) and value), None)


def session_data(kind: SealKind, members: object) -> SessionData:
    """Return what was opened.

    Raises:
        SealRefusedError: there is no access token in it.
    """
    if is_object(members):
        data = SessionData(kind, members)
        if data.access_token:
            return data
    raise SealRefusedError(AnonymousReason.COOKIE_MALFORMED, f"{kind} session data without an access token")


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)
