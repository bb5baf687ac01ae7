"""The development identity provider as a process, and people who click there."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from netscript_dev_provider.testing.forms import forms_of
from tests.support.certificates import Certificates
from tests.support.loopback import loopback_client
from tests.support.program import Program, started

CLIENT_ID = "netscript-dev"
_READY = "Development identity provider: "


@dataclass(frozen=True)
class DevProviderProcess:
    """A running provider.

    Attributes:
        issuer: Its issuer.
        certificates: Of whoever ends TLS in front of it.
    """

    issuer: str
    certificates: Certificates | None = None

    async def sign_in(self, authorization_url: str, login: str = "alice") -> str:
        """Choose a person on the sign-in page, and return the address to which the browser is sent back."""
        return await self._press(authorization_url, "persona", login)

    async def cancel(self, authorization_url: str) -> str:
        """Cancel on the sign-in page, and return the address to which the browser is sent back."""
        return await self._press(authorization_url, "cancel", "yes")

    async def _press(self, authorization_url: str, name: str, value: str) -> str:
        async with loopback_client(certificates=self.certificates) as http:
            page = await http.get(authorization_url)
            assert page.is_success, page.text
            form = forms_of(page.text)[0]
            assert (name, value) in form.buttons, page.text
            chosen = dict([*form.fields, (name, value)])
            answer = await http.post(urljoin(authorization_url, form.action), data=chosen)
        assert answer.has_redirect_location, answer.text
        return answer.headers["location"]


@contextmanager
def run_dev_provider(
    folder: Path, port: int, redirect_uri: str, client_secret: str, options: Sequence[str] = ()
) -> Generator[Program]:
    """Run a provider while the block lasts.

    Args:
        folder: For its output.
        port: Where it listens.
        redirect_uri: Where its client may be called back.
        client_secret: Of its client, whose id is ``CLIENT_ID``.
        options: Of its command line.
    """
    module = [sys.executable, "-m", "netscript_dev_provider", "--port", str(port)]
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_DEV_PROVIDER_CLIENT_SECRET": client_secret,
    }
    with started([*module, "--redirect-uri", redirect_uri, *options], environment, folder) as provider:
        provider.wait_until(lambda: _READY in provider.stdout, "the provider listens")
        yield provider
