"""One development provider: its people, keys, grants, and the faults it was told to have."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request

from netscript_dev_provider.authorization_server import ProviderServer
from netscript_dev_provider.backchannel import Backchannel, Post, post_form
from netscript_dev_provider.config import ProviderConfig
from netscript_dev_provider.id_tokens import IdTokens
from netscript_dev_provider.keys import SigningKeys
from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_dev_provider.open_pages import OpenPages
from netscript_dev_provider.pages import Pages
from netscript_dev_provider.personas import Persona
from netscript_dev_provider.store import GrantStore

_MOST_SECONDS: Final = 10**9


def system_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


class Provider:
    """The state behind one app; tests reach it as ``app.state.provider``.

    Attributes:
        session_age: For how long everybody has been signed in here already. Who is asked for
            ``prompt=login``, or for less by ``max_age``, signs in anew.
        heeds_max_age: Whether that is so.

    Args:
        config: What it was told at its start.
        clock: Where the time comes from.
        sleep: How it waits for the persona ``slow``; takes seconds.
        post: Sends logout tokens to applications.
    """

    def __init__(
        self,
        config: ProviderConfig,
        clock: Callable[[], datetime] = system_clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        post: Post = post_form,
    ) -> None:
        self.config = config
        self.clock = clock
        self.sleep = sleep
        self.misbehaviours: set[Misbehaviour] = set()
        self.session_age = timedelta(0)
        self.heeds_max_age = True
        self.keys = SigningKeys()
        self.store = GrantStore(clock, config.lifetimes)
        self.id_tokens = IdTokens(config, clock, self.keys, lambda: self.misbehaviours)
        self.server = ProviderServer(config, clock, self.store, self.id_tokens)
        self.backchannel = Backchannel(self.id_tokens, post)
        self.pages = Pages(config)
        self.open_pages = OpenPages(clock, config.lifetimes.sign_in_page)

    def authenticated_at(self, parameters: Mapping[str, str]) -> datetime:
        """Return when a person showed who they are, who signs in by this authorization request.

        Source: OpenID Connect Core 1.0 section 3.1.2.1.
        """
        now = self.clock()
        wants_login = "login" in parameters.get("prompt", "").split()
        longest = timedelta(seconds=min(int(parameters.get("max_age", _MOST_SECONDS)), _MOST_SECONDS))
        is_anew = self.heeds_max_age and (wants_login or self.session_age > longest)
        return now if is_anew else now - self.session_age

    def misbehave(self, misbehaviours: Iterable[Misbehaviour]) -> None:
        """Have exactly these faults from now on; none at all ends the misbehaviour."""
        self.misbehaviours = set(misbehaviours)

    def person_behind(self, form: Mapping[str, str]) -> Persona | None:
        """Return who would get the tokens that a token request asks for, or ``None`` if nobody would."""
        record = self.store.code(form.get("code", "")) or self.store.refresh_token(
            form.get("refresh_token", "")
        )
        return record.sign_in.persona if record else None


def provider_of(request: Request) -> Provider:
    """Return the provider that serves a request."""
    provider: Provider = request.app.state.provider
    return provider
