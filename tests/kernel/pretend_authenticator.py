"""An authenticator that knows people by the header ``X-Person``, and fails as a test says."""

from typing import Any

from netscript_kernel.access import (
    Anonymous,
    Authenticated,
    Authentication,
    Denied,
    KnownPrincipal,
)

READER = KnownPrincipal("usr_reader", frozenset({"notes:read"}))
WRITER = KnownPrincipal("usr_writer", frozenset({"notes:read", "notes:write"}), frozenset({"clerk"}))
PEOPLE = {b"reader": READER, b"writer": WRITER}
COOKIE = "session=renewed; Path=/; HttpOnly"


class PretendAuthenticator:
    """Keeps the port.

    Attributes:
        says: Said instead, or raised where it is an error.
        asked: How often.
        life: What became of it.
    """

    def __init__(self, says: Any = None, *, renews: bool = False) -> None:
        self.says = says
        self.asked = 0
        self.life: list[str] = []
        self._cookies = (COOKIE,) if renews else ()

    async def authenticate(self, scope: Any) -> Authentication:
        self.asked += 1
        if isinstance(self.says, BaseException):
            raise self.says
        if self.says is not None:
            said: Authentication = self.says
            return said
        person = dict(scope["headers"]).get(b"x-person")
        if person == b"banned":
            return Denied("account_disabled", set_cookies=self._cookies)
        if person not in PEOPLE:
            return Anonymous("no_credential", set_cookies=self._cookies)
        return Authenticated(PEOPLE[person], set_cookies=self._cookies)

    async def start(self) -> None:
        self.life.append("started")

    async def aclose(self) -> None:
        self.life.append("closed")
