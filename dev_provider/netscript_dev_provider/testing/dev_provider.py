"""One provider inside a test, and somebody who clicks."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from urllib.parse import urljoin

import httpx
from joserfc.jwk import RSAKey
from starlette.applications import Starlette

from netscript_dev_provider.app import create_app
from netscript_dev_provider.backchannel import Post
from netscript_dev_provider.changes import Members
from netscript_dev_provider.config import Client, ProviderConfig
from netscript_dev_provider.keys import SigningKeys
from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_dev_provider.provider import Provider, system_clock
from netscript_dev_provider.testing.forms import Form, forms_of


class UnexpectedPageError(AssertionError):
    """The provider answered with something else than the page that a person would have clicked through."""

    def __init__(self, expected: str, response: httpx.Response) -> None:
        self.response = response
        got = f"{response.status_code} from {response.request.url}"
        super().__init__(f"expected {expected}, got {got}:\n{response.text[:2000]}")


async def _no_wait(seconds: float) -> None:
    """Be late at once: a test that wants to see the delay passes its own ``sleep``."""


async def _nobody_listens(uri: str, form: bytes) -> int:
    """Be an application that is not there."""
    del form
    raise ConnectionRefusedError(uri)


@cache
def _key_of(owner: str) -> RSAKey:
    """Return the one key that an owner begins with: making one takes longer than a whole sign-in."""
    del owner  # which the cache tells apart
    return SigningKeys().current


class DevProvider:
    """A provider reached through :attr:`transport`. All of one issuer in a process begin with the same key.

    Example::

        client = Client("app", "secret", ("https://app.localhost/callback",))
        idp = DevProvider("https://idp.localhost", client)
        http = httpx.AsyncClient(transport=idp.transport)
        callback_url = await idp.sign_in(authorize_url, "alice")

    Args:
        issuer: Its URL, on a loopback name; ``https`` is fine, since nothing is sent over a network.
        clients: The applications that it knows.
        clock: Returns the time, such as ``SettableClock().now``.
        sleep: How it waits for the persona ``slow``; does not wait unless told.
        post: Carries logout tokens to applications; nobody listens unless told.
        config: Everything at once, instead of ``issuer`` and ``clients``.
    """

    def __init__(
        self,
        issuer: str = "https://idp.localhost",
        *clients: Client,
        clock: Callable[[], datetime] = system_clock,
        sleep: Callable[[float], Awaitable[object]] = _no_wait,
        post: Post = _nobody_listens,
        config: ProviderConfig | None = None,
    ) -> None:
        self.config = config or ProviderConfig(issuer, clients)
        self.app: Starlette = create_app(self.config, clock, sleep, post)
        self.provider: Provider = self.app.state.provider
        self.provider.keys.current = _key_of(self.issuer)
        self.provider.keys.foreign = _key_of("an impostor")
        self.transport = httpx.ASGITransport(app=self.app)

    @property
    def issuer(self) -> str:
        """The issuer URL."""
        return self.config.issuer

    def misbehave(self, *misbehaviours: Misbehaviour) -> None:
        """Have exactly these faults from now on; none at all ends the misbehaviour."""
        self.provider.misbehave(misbehaviours)

    def sign(self, claims: Members, typ: str = "JWT") -> str:
        """Sign any claims with the published key, such as those of a logout token (typ ``logout+jwt``)."""
        return self.provider.id_tokens.sign(claims, typ)

    def remember(self, age: timedelta, *, heeds_max_age: bool = True) -> None:
        """Let everybody have been signed in here for so long already, whether they are asked again or not."""
        self.provider.session_age, self.provider.heeds_max_age = age, heeds_max_age

    def logout_of(self, persona: str) -> str:
        """Return a logout token that tells the first application of a person's sign-out everywhere."""
        return self.provider.id_tokens.write_logout(self.config.clients[0], subject=self._subject(persona))

    def logout_of_latest(self, persona: str, *, with_sub: bool = False) -> str:
        """Return one that tells of the end of the session of a person's latest sign-in alone."""
        subject = self._subject(persona)
        latest = self.provider.store.sign_ins_of(subject)[-1]
        return self.provider.id_tokens.write_logout(
            latest.client, subject=subject if with_sub else None, sid=latest.session_id
        )

    def _subject(self, persona: str) -> str:
        found = self.config.persona(persona)
        if found is None:
            raise LookupError(f"nobody here is called {persona}")
        return found.subject

    async def sign_in(self, authorize_url: str, persona: str = "alice") -> str:
        """Open the sign-in page, click on a person, and return the callback URL."""
        return _location(await self.submit(authorize_url, ("persona", persona)))

    async def cancel(self, authorize_url: str) -> str:
        """Open the sign-in page, click on cancel, and return the callback URL."""
        return _location(await self.submit(authorize_url, ("cancel", "yes")))

    async def sign_in_by_form(self, authorize_url: str, persona: str = "alice") -> Form:
        """Do the same for ``response_mode=form_post``, and return the form that the browser would post."""
        response = await self.submit(authorize_url, ("persona", persona))
        return _only_form(response, "a form for the application")

    async def submit(self, authorize_url: str, button: tuple[str, str]) -> httpx.Response:
        """Open the sign-in page, press a button, and return what comes, following nothing."""
        async with httpx.AsyncClient(transport=self.transport) as browser:
            page = await browser.get(authorize_url)
            form = _only_form(page, "the sign-in page")
            if button not in form.buttons:
                raise UnexpectedPageError(f"a button {button[0]}={button[1]}", page)
            return await browser.post(urljoin(authorize_url, form.action), data=dict([*form.fields, button]))


def _only_form(response: httpx.Response, expected: str) -> Form:
    forms = forms_of(response.text)
    if response.status_code != HTTPStatus.OK or len(forms) != 1:
        raise UnexpectedPageError(expected, response)
    return forms[0]


def _location(response: httpx.Response) -> str:
    if response.status_code != HTTPStatus.SEE_OTHER:
        raise UnexpectedPageError("a redirect to the application", response)
    return response.headers["location"]
