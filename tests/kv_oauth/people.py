"""The development provider as the conformance kit wants an identity provider."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from netscript_auth_core.domain import ExternalIdentity
from netscript_dev_provider.config import Client, Lifetimes, ProviderConfig
from netscript_dev_provider.records import IssuedToken
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import Clock
from tests.kv_oauth.wire import Wire

ISSUER = "https://idp.localhost"
REDIRECT_URI = "https://auth.localhost/api/v1/auth/callback"
CLIENT = Client("app", "the-secret-of-the-app", (REDIRECT_URI, f"{REDIRECT_URI}/first"))


class People:
    """A provider in this process, and the people who sign in there."""

    def __init__(
        self,
        clock: Clock,
        issuer: str = ISSUER,
        provider_id: str = "oidc",
        lifetimes: Lifetimes | None = None,
        *,
        trusts_email: bool = True,
    ) -> None:
        self.idp = DevProvider(
            config=ProviderConfig(issuer, (CLIENT,), lifetimes=lifetimes or Lifetimes()), clock=clock.now
        )
        self.wire = Wire(self.idp.transport)
        self._provider_id = provider_id
        self._trusts_email = trusts_email
        self._codes: set[str] = set()

    async def sign_in(self, redirect_url: str, person: str) -> Sequence[tuple[str, str]]:
        """Click on a person."""
        return self._parameters(await self.idp.sign_in(redirect_url, person))

    async def cancel(self, redirect_url: str) -> Sequence[tuple[str, str]]:
        """Click on cancel."""
        return self._parameters(await self.idp.cancel(redirect_url))

    def outage(self) -> AbstractAsyncContextManager[object]:
        """Cut the wire."""
        return self.wire.cut()

    async def end_grants(self, person: str) -> None:
        """End what was granted for this person."""
        for token in self._refresh_tokens(person):
            token.sign_in.ended = True

    async def has_grants(self, person: str) -> bool:
        """Whether a refresh token of this person is still good."""
        return any(not token.is_revoked() for token in self._refresh_tokens(person))

    def _refresh_tokens(self, person: str) -> list[IssuedToken]:
        known = (self.idp.provider.store.refresh_token(each) for each in self.wire.secrets)
        return [token for token in known if token is not None and token.sign_in.persona.key == person]

    async def remembered_sign_in(
        self, redirect_url: str, person: str, age: timedelta
    ) -> Sequence[tuple[str, str]]:
        """Click on a person who has been signed in for so long, and is not asked again."""
        self.idp.remember(age, heeds_max_age=False)
        try:
            return await self.sign_in(redirect_url, person)
        finally:
            self.idp.remember(timedelta(0))

    async def logout_of(self, person: str) -> str:
        """Return what the provider sends when somebody signs out there everywhere."""
        return self.idp.logout_of(person)

    async def logout_of_latest(self, person: str) -> str:
        """Return what it sends when a person's latest session there ends."""
        return self.idp.logout_of_latest(person)

    def identity(self, person: str) -> ExternalIdentity:
        """Return what the persona is."""
        persona = self.idp.config.persona(person)
        assert persona is not None
        return ExternalIdentity(
            issuer=self.idp.issuer,
            subject=persona.subject,
            provider_id=self._provider_id,
            email=persona.email,
            email_verified=self._trusts_email and persona.claims.get("email_verified") is True,
            name=persona.name,
        )

    def secrets(self) -> Collection[str]:
        """Return codes, tokens and the client's secret."""
        return {*self._codes, *self.wire.secrets, str(CLIENT.client_secret)}

    def _parameters(self, url: str) -> Sequence[tuple[str, str]]:
        parameters = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        self._codes |= {value for name, value in parameters if name == "code"}
        return parameters
