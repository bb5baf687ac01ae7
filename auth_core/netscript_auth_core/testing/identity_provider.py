"""What the kit needs of an identity provider, whichever kind it is: a container, an ASGI app, or pretend."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias

from netscript_auth_core.domain import ExternalIdentity

Parameters: TypeAlias = Sequence[tuple[str, str]]


class RefreshPause(Protocol):
    """A refresh that stands still between reading the session and writing it."""

    async def reached(self) -> None:
        """Return as soon as a refresh stands still."""
        ...

    def release(self) -> None:
        """Let it go on. Leaving the context does so too."""
        ...


class LogoutTokens(Protocol):
    """What an upstream sends when somebody signs out there; each token is a new one."""

    async def logout_of(self, person: str) -> str:
        """Return a logout token that means all sessions of a person."""
        ...

    async def logout_of_latest(self, person: str) -> str:
        """Return one that means only what began by the latest sign-in of a person."""
        ...


class IdentityProvider(Protocol):
    """A provider with people who do as they are told. A person is a name: ``"alice"``, ``"bob"``."""

    async def sign_in(self, redirect_url: str, person: str) -> Parameters:
        """Walk from the redirect to the end as this person, who agrees.

        Returns:
            Names and values that the browser would carry to the callback.
        """
        ...

    async def cancel(self, redirect_url: str) -> Parameters:
        """Walk there and refuse; return what the browser would carry to the callback (``access_denied``)."""
        ...

    def outage(self) -> AbstractAsyncContextManager[object]:
        """Answer the backend nothing, or 5xx, while the context lasts."""
        ...

    async def has_grants(self, person: str) -> bool:
        """Whether something that was granted for this person can still be refreshed."""
        ...

    async def end_grants(self, person: str) -> None:
        """End what was granted for this person: a refresh is refused for good (``invalid_grant``)."""
        ...

    def identity(self, person: str) -> ExternalIdentity:
        """Return what a backend should find out of this person."""
        ...

    def secrets(self) -> Collection[str]:
        """Return what must show nowhere: codes, tokens and client secrets given out; empty if not known."""
        ...
