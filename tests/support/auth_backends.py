"""Memory backends with something changed, to see what auth-api makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import ProviderDescriptor
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.signin import MemorySignin
from netscript_auth_core.ports import (
    Anonymous,
    Authenticated,
    AuthRequest,
    CallbackRequest,
    Denied,
    Outcome,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_auth_core.reasons import DenialReason


class TwoProviders:
    """A choice; one name wants escaping."""

    def __init__(self) -> None:
        names = (("pretend", "Pretend"), ("other", 'O"<b>ther'))
        self._all = [
            ProviderDescriptor(id=key, display_name=name, kind="oidc", scopes=("openid",))
            for key, name in names
        ]

    def list(self) -> Sequence[ProviderDescriptor]:
        """Return both."""
        return self._all

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        """Return one of them."""
        return next((each for each in self._all if each.id == provider_id), None)


class ChoiceBackend(MemoryAuthBackend):
    """Has several providers."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        vars(self)["providers"] = TwoProviders()


class HostedElsewhereBackend(MemoryAuthBackend):
    """Signs nobody in: its upstream does."""

    capabilities = Capabilities(
        frozenset({Capability.REVOKE}),
        why_not=dict.fromkeys(frozenset(Capability) - {Capability.REVOKE}, "its upstream does"),
        sign_in_url="https://login.acme.example/sign-in",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        vars(self)["interactive"] = None


class HostedWhollyBackend(MemoryAuthBackend):
    """Offers nothing: its upstream does everything, and does not say where people sign in."""

    why = "ask <Acme Identity> for it"
    capabilities = Capabilities(
        frozenset(),
        why_not={
            **dict.fromkeys(Capability, why),
            Capability.SIGNIN: "people sign in at <Acme Identity>",
            Capability.REVOKE: "people sign out at <Acme Identity>",
        },
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        vars(self).update(interactive=None, signout=None)
        self.sessions.__class__ = _UnendingSessions


class _UnendingSessions(MemorySessions):
    async def revoke(self, handle: str) -> bool:
        del handle
        raise HostedWhollyBackend.capabilities.refusal("memory", Capability.REVOKE)


class RelayingBackend(MemoryAuthBackend):
    """Has something to leave in every browser that asks."""

    lines = ("upstream.a=1; Path=/; HttpOnly", "upstream.b=; Max-Age=0")

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Answer as ever, with that."""
        outcome = await super().authenticate(request)
        if isinstance(outcome, Authenticated):
            identity = outcome.identity
            return Authenticated(lambda: identity, outcome.views, self.lines)
        return replace(outcome, cookies=self.lines) if isinstance(outcome, Anonymous) else outcome


class LongTokenBackend(MemoryAuthBackend):
    """Gives out tokens that fit into no cookie."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.interactive.__class__ = _LongTokenSignin


class _LongTokenSignin(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        completed = await super().complete(request)
        return replace(completed, issued=replace(completed.issued, token="t" * 4000))


class OddFlowBackend(MemoryAuthBackend):
    """Leaves in the browser what no cookie carries."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.interactive.__class__ = _OddFlowSignin


class _OddFlowSignin(MemorySignin):
    async def start(self, request: SigninRequest) -> SigninStarted:
        started = await super().start(request)
        return replace(started, cookie=replace(started.cookie, value="two words"))


class DenyingBackend(MemoryAuthBackend):
    """Knows everybody and lets nobody in; leaves something in the browser, as an upstream may."""

    lines = ("upstream.a=1; Path=/; HttpOnly", "upstream.b=; Max-Age=0")

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Deny."""
        del request
        return Denied(DenialReason.ACCOUNT_DISABLED, cookies=self.lines)
