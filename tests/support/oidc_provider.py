"""A certified OpenID provider (npm ``oidc-provider``) on loopback: a peer that shares no code with ours."""

import json
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from netscript_dev_provider.testing.forms import forms_of
from tests.support.certificates import Certificates
from tests.support.loopback import loopback_client
from tests.support.node import NODE, require_packages
from tests.support.processes import running

FOLDER = Path(__file__).parents[1] / "peers" / "oidc_provider"


@dataclass(frozen=True)
class OidcClient:
    """A relying party that the provider knows; it may use the code flow with PKCE, and refresh tokens."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class OidcProvider:
    """A running provider.

    Attributes:
        issuer: Its issuer, whose host name may be one that only a browser resolves to loopback.
        address: Where it can be reached without resolving a name, ``http://127.0.0.1:PORT``.
        client: The relying party that it was started with.
        registration_token: What allows to register more of them.
        certificates: Of whatever ends TLS in front of it.
    """

    issuer: str
    address: str
    client: OidcClient
    registration_token: str = field(repr=False)
    certificates: Certificates | None = None

    async def register(self, redirect_uris: Sequence[str], **metadata: object) -> OidcClient:
        """Register a relying party of the test's own, so that the tests of a session do not meet.

        Args:
            redirect_uris: Where it may be called back.
            metadata: Further client metadata, such as ``backchannel_logout_uri``.

        Source: OpenID Connect Dynamic Client Registration 1.0, section 3.1.
        """
        wanted = {"grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"]}
        async with self.new_browser() as http:
            answer = await http.post(
                f"{self.issuer}/reg",
                json={**wanted, "redirect_uris": list(redirect_uris), **metadata},
                headers={"authorization": f"Bearer {self.registration_token}"},
            )
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return OidcClient(answer.json()["client_id"], answer.json()["client_secret"])

    async def sign_in(
        self, authorization_url: str, login: str = "alice", *, browser: httpx.AsyncClient | None = None
    ) -> str:
        """Sign in and consent as a person at a browser would, starting at the authorization URL.

        Args:
            authorization_url: Where the relying party sent the browser.
            login: The person, who becomes the subject; ``alice`` and ``bob`` have their own claims
                (the e-mail address of ``bob`` is not verified), everybody else has made-up ones.

            browser: Whose cookies count; a new one's by default.

        Returns:
            The address at the relying party to which the provider sends the browser back.
        """
        url = authorization_url
        async with self._lent(browser) as http:
            while url.startswith(self.issuer):
                page = await http.get(url)
                if not page.is_redirect:
                    prompt = "login" if 'name="login"' in page.text else "consent"
                    page = await http.post(url, data={"prompt": prompt, "login": login, "password": "any"})
                assert page.is_redirect, page.text
                url = urljoin(url, page.headers["location"])
        return url

    async def sign_out(self, end_session_url: str, *, browser: httpx.AsyncClient | None = None) -> str:
        """Confirm the sign-out as a person at a browser would, and return where the provider sends it."""
        async with self._lent(browser) as http:
            page = await http.get(end_session_url)
            (form,) = [form for form in forms_of(page.text) if "confirm" in form.action]
            answer = await http.post(
                urljoin(end_session_url, form.action), data={**dict(form.fields), "logout": "yes"}
            )
        assert answer.is_redirect, answer.text
        return answer.headers["location"]

    def _lent(self, browser: httpx.AsyncClient | None) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return self.new_browser() if browser is None else nullcontext(browser)

    def new_browser(self) -> httpx.AsyncClient:
        """Return a browser, which stays signed in at the provider once it is."""
        return loopback_client(certificates=self.certificates)


@contextmanager
def run_oidc_provider(
    redirect_uris: Sequence[str] = ("http://127.0.0.1/callback",),
    post_logout_redirect_uris: Sequence[str] = (),
    hostname: str = "127.0.0.1",
    issuer: str | None = None,
    certificates: Certificates | None = None,
) -> Generator[OidcProvider]:
    """Run a provider while the block lasts.

    Args:
        redirect_uris: Where its client may be called back.
        post_logout_redirect_uris: Where its client may have a browser sent after sign-out.
        hostname: Host of the issuer: ``127.0.0.1``, or a name such as ``id.acme.localhost``.
        issuer: The whole issuer, where something in front of the provider ends TLS.
        certificates: Of that.
    """
    require_packages(FOLDER)
    client = OidcClient("netscript-tests", secrets.token_urlsafe(32))
    token = secrets.token_urlsafe(32)
    options = {
        "hostname": hostname,
        "issuer": issuer,
        "clientId": client.client_id,
        "clientSecret": client.client_secret,
        "redirectUris": list(redirect_uris),
        "postLogoutRedirectUris": list(post_logout_redirect_uris),
        "registrationToken": token,
    }
    command = [str(NODE), str(FOLDER / "provider.mjs"), json.dumps(options)]
    with running(command, r"^listening (?P<issuer>\S+) (?P<port>\d+)") as ready:
        yield OidcProvider(ready["issuer"], f"http://127.0.0.1:{ready['port']}", client, token, certificates)


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[OidcProvider]:
    """One provider for the session; a test that needs redirect addresses of its own registers a client."""
    with run_oidc_provider() as provider:
        yield provider
