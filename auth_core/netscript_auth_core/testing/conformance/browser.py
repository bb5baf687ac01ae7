"""A person's browser: it keeps cookies as the service would set them."""

from datetime import timedelta

import pytest

from netscript_auth_core.domain import Device
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.ports import (
    AuthRequest,
    CallbackRequest,
    Outcome,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_auth_core.reasons import FlowReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.identity_provider import Parameters


class Browser:
    """Signs one person in, step by step."""

    def __init__(self, subject: BackendUnderTest, person: str = "alice") -> None:
        self.subject = subject
        self.person = person
        self.device = Device(user_agent=f"the browser of {person}")
        self.flow_cookies: dict[str, str] = {}
        self.session_tokens: tuple[str, ...] = ()

    @property
    def request(self) -> AuthRequest:
        """A request of this browser."""
        return AuthRequest(session_tokens=self.session_tokens)

    async def start(self, return_to: str = "/welcome", login_hint: str | None = None) -> SigninStarted:
        """Begin a sign-in at the first provider, and keep its cookie."""
        choice = self.subject.backend.providers.list()
        return await self._start(SigninRequest(choice[0].id if choice else None, return_to, login_hint))

    async def start_at(self, provider_id: str, *, max_age: timedelta) -> SigninStarted:
        """Begin a sign-in that has to prove something, and keep its cookie."""
        return await self._start(SigninRequest(provider_id, "/welcome", max_age=max_age))

    async def _start(self, request: SigninRequest) -> SigninStarted:
        started = await self.subject.interactive.start(request)
        self.flow_cookies[started.cookie.flow_id] = started.cookie.value
        return started

    async def agree(self, started: SigninStarted) -> Parameters:
        """Sign in at the provider, and return what it sends back."""
        return await self.subject.provider.sign_in(started.redirect_url, self.person)

    async def cancel(self, started: SigninStarted) -> Parameters:
        """Refuse at the provider, and return what it sends back."""
        return await self.subject.provider.cancel(started.redirect_url)

    async def call_back(self, parameters: Parameters, provider_id: str | None = None) -> SigninCompleted:
        """Come back from the provider, and keep the session's cookie."""
        completed = await self.subject.interactive.complete(
            CallbackRequest(
                parameters=parameters,
                provider_id=provider_id,
                flow_cookies=dict(self.flow_cookies),
                session_tokens=self.session_tokens,
                device=self.device,
            )
        )
        self.session_tokens = (completed.issued.token,)
        return completed

    async def sign_in(self, return_to: str = "/welcome") -> SigninCompleted:
        """Go all the way."""
        started = await self.start(return_to)
        return await self.call_back(await self.agree(started), started.provider_id)

    async def outcome(self) -> Outcome:
        """Ask who is signed in here."""
        return await self.subject.backend.authenticate(self.request)

    async def expect_refusal(
        self, parameters: Parameters, *reasons: FlowReason, provider_id: str | None = None
    ) -> FlowRefusedError:
        """Come back from the provider and be refused, for one of the reasons."""
        before, who = self.session_tokens, await self.outcome()
        with pytest.raises(FlowRefusedError) as caught:
            await self.call_back(parameters, provider_id)
        assert caught.value.code in reasons, f"refused for {caught.value.code}, not for {reasons}"
        now = await self.subject.backend.authenticate(AuthRequest(session_tokens=before))
        assert type(now) is type(who), "a sign-in that was refused changed who is signed in"
        return caught.value


def replaced(parameters: Parameters, name: str, *values: str) -> list[tuple[str, str]]:
    """Return parameters with other values under a name, or with none."""
    others = [(key, value) for key, value in parameters if key != name]
    return [*others, *((name, value) for value in values)]


def value_of(parameters: Parameters, name: str) -> str:
    """Return the first value under a name; empty where there is none."""
    return next((value for key, value in parameters if key == name), "")
