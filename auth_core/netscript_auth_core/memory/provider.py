"""An identity provider without a network: it knows whoever is named, and fails when it is told to."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from netscript_auth_core.domain import ExternalIdentity, ProviderDescriptor
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.ids import new_id, new_token

ISSUER = "https://provider.invalid"  # .invalid leads nowhere (RFC 2606 section 2)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code was traded for.

    Attributes:
        age: How long ago the person showed who they are.
    """

    identity: ExternalIdentity
    grant: str = field(repr=False)
    sid: str = field(repr=False)
    age: timedelta


@dataclass(frozen=True, slots=True)
class PretendLogout:
    """Whose sign-out a logout token tells of: a person's, or only that of one session of theirs."""

    subject: str
    sid: str | None


class PausedRefresh:
    """Holds every refresh of a grant between question and answer."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._go_on = asyncio.Event()

    async def reached(self) -> None:
        """Return as soon as a refresh waits for its answer."""
        await self._asked.wait()

    async def hold(self) -> None:
        """Wait, on the side of the provider, for :meth:`release`."""
        self._asked.set()
        await self._go_on.wait()

    def release(self) -> None:
        """Answer all that wait."""
        self._go_on.set()


class PretendProvider:
    """Both sides of a provider: what a person does there, and what a backend asks of it.

    A person is a name such as ``"alice"``. :meth:`sign_in`, :meth:`cancel`, :meth:`has_grants`,
    :meth:`end_grants`, :meth:`logout_of`, :meth:`logout_of_latest`, :meth:`outage` and
    :meth:`paused_refresh` are the test's; :meth:`authorize_url`, :meth:`redeem`, :meth:`refresh`,
    :meth:`revoke`, :meth:`end_session_url` and :meth:`read_logout` are the backend's.

    Attributes:
        has_end_session: Whether it signs browsers out that are sent to it.
    """

    descriptor = ProviderDescriptor(
        id="pretend",
        display_name="Pretend provider",
        kind="oidc",
        scopes=("openid", "email", "profile"),
        step_up=True,
    )

    def __init__(self) -> None:
        self.has_end_session = False
        self._is_away = False
        self._paused: PausedRefresh | None = None
        self._codes: dict[str, tuple[str, timedelta]] = {}
        self._grants: dict[str, str] = {}
        self._minted: list[str] = []
        self._sids: dict[str, str] = {}
        self._logouts: dict[str, PretendLogout] = {}

    async def sign_in(self, redirect_url: str, person: str) -> Sequence[tuple[str, str]]:
        """Agree as this person, and return what the provider sends back through the browser."""
        return await self.remembered_sign_in(redirect_url, person, timedelta(0))

    async def remembered_sign_in(
        self, redirect_url: str, person: str, age: timedelta
    ) -> Sequence[tuple[str, str]]:
        """Agree as this person, who is remembered from so long ago, and is not asked again."""
        code = self._mint()
        self._codes[code] = (person, age)
        return [("code", code), ("state", _state_in(redirect_url)), ("iss", ISSUER)]

    async def cancel(self, redirect_url: str) -> Sequence[tuple[str, str]]:
        """Refuse, and return what the provider sends back through the browser."""
        return [("error", "access_denied"), ("state", _state_in(redirect_url)), ("iss", ISSUER)]

    async def has_grants(self, person: str) -> bool:
        """Whether something that was granted for a person is still good."""
        return person in self._grants.values()

    async def end_grants(self, person: str) -> None:
        """Forget everything that was granted for a person."""
        self._grants = {grant: whose for grant, whose in self._grants.items() if whose != person}

    async def logout_of(self, person: str) -> str:
        """Return a logout token that tells of a person's sign-out everywhere."""
        return self._logout(person, None)

    async def logout_of_latest(self, person: str) -> str:
        """Return a logout token that tells of the end of the session of a person's latest sign-in."""
        return self._logout(person, self._sids[person])

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None, None]:
        """Answer nothing for as long as the context lasts."""
        self._is_away = True
        try:
            yield
        finally:
            self._is_away = False

    @asynccontextmanager
    async def paused_refresh(self) -> AsyncGenerator[PausedRefresh, None]:
        """Hold refreshes until the context ends."""
        self._paused = paused = PausedRefresh()
        try:
            yield paused
        finally:
            self._paused = None
            paused.release()

    def identity(self, person: str) -> ExternalIdentity:
        """Return what this provider says of a person."""
        return ExternalIdentity(
            issuer=ISSUER,
            subject=f"subject-of-{person}",
            provider_id=self.descriptor.id,
            email=f"{person}@people.invalid",
            email_verified=True,
            name=person.title(),
        )

    def secrets(self) -> Collection[str]:
        """Return every code and grant that was ever given out."""
        return tuple(self._minted)

    def authorize_url(
        self, state: str, scopes: Sequence[str], login_hint: str | None, max_age: timedelta | None = None
    ) -> str:
        """Return the page to which a browser is sent to sign in."""
        parameters = {"state": state, "scope": " ".join(scopes)}
        if login_hint is not None:
            parameters["login_hint"] = login_hint
        if max_age is not None:
            parameters["max_age"] = str(int(max_age.total_seconds()))
        return f"{ISSUER}/authorize?{urlencode(parameters)}"

    async def redeem(self, code: str) -> Redeemed | None:
        """Trade a code, once; ``None`` where there is no such code.

        Raises:
            BackendUnavailableError: the provider is away.
        """
        await self._answer()
        found = self._codes.pop(code, None)
        if found is None:
            return None
        person, age = found
        self._sids[person] = sid = new_id("sid")
        return Redeemed(self.identity(person), self._grant(person), sid, age)

    async def refresh(self, grant: str) -> str | None:
        """Trade a grant for its successor, once; ``None`` where it has ended.

        Raises:
            BackendUnavailableError: the provider is away.
        """
        await self._answer()
        if self._paused is not None:
            await self._paused.hold()
        person = self._grants.pop(grant, None)
        return self._grant(person) if person else None

    async def revoke(self, grant: str) -> None:
        """Forget a grant; one that is not known is no fault (RFC 7009 section 2.2).

        Raises:
            BackendUnavailableError: the provider is away.
        """
        await self._answer()
        self._grants.pop(grant, None)

    def read_logout(self, token: str) -> PretendLogout | None:
        """Return what a logout token says, or ``None`` for one that did not come from here."""
        return self._logouts.get(token)

    def end_session_url(self, return_to: str, state: str) -> str | None:
        """Return where a browser is signed out here, or ``None`` where that is not switched on."""
        query = urlencode({"post_logout_redirect_uri": return_to, "state": state})
        return f"{ISSUER}/end_session?{query}" if self.has_end_session else None

    def _logout(self, person: str, sid: str | None) -> str:
        token = self._mint()
        self._logouts[token] = PretendLogout(self.identity(person).subject, sid)
        return token

    def _grant(self, person: str) -> str:
        grant = self._mint()
        self._grants[grant] = person
        return grant

    def _mint(self) -> str:
        secret = new_token()
        self._minted.append(secret)
        return secret

    async def _answer(self) -> None:
        await asyncio.sleep(0)  # as over a network: others run before the answer is there
        if self._is_away:
            raise BackendUnavailableError("memory", "the pretend provider is away")


def _state_in(redirect_url: str) -> str:
    return parse_qs(urlsplit(redirect_url).query)["state"][0]
