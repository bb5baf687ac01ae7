"""An authority that says what a test says."""

from datetime import UTC, datetime, timedelta

from netscript_auth_client import Caller, Nobody, Outcome, Principal
from netscript_auth_client.asgi import Scope
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import SettableClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def alice(
    *, roles: tuple[str, ...] = (), scopes: tuple[str, ...] = (), cookies: tuple[str, ...] = ()
) -> Caller:
    principal = Principal(
        user_id="usr_alice",
        session_handle="ses_one",
        backend="kv-oauth",
        provider_id="google",
        roles=roles,
        scopes=scopes,
    )
    return Caller(
        principal=principal,
        name="Alice",
        email="alice@acme.example",
        authenticated_at=NOW,
        expires_at=NOW + timedelta(days=7),
        cookies=cookies,
    )


class PretendAuthority:
    """Keeps the interface.

    Attributes:
        outcome: What it says; ``None`` is that it could not find out.
        asked: How often.
        life: What became of it.
    """

    def __init__(self, outcome: Outcome | None = None, *, is_away: bool = False) -> None:
        self.clock = SettableClock(NOW)
        self.outcome = None if is_away else outcome or Nobody("no_session")
        self.asked = 0
        self.life: list[str] = []

    async def authenticate(self, scope: Scope) -> Outcome:
        self.asked += 1
        if self.outcome is None:
            raise BackendUnavailableError("auth-api", "nothing listens there", timedelta(seconds=2))
        return self.outcome

    async def start(self) -> None:
        self.life.append("started")

    async def aclose(self) -> None:
        self.life.append("closed")
