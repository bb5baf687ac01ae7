"""Emulators of well-known providers (npm ``emulate``) on loopback: how somebody else thinks they answer."""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest

from tests.support.loopback import PATIENCE_SECONDS
from tests.support.node import NODE, require_packages
from tests.support.processes import running

FOLDER = Path(__file__).parents[1] / "peers" / "emulate"
SERVICES = ("apple", "github", "google", "microsoft", "okta")
CALLBACK = "http://127.0.0.1:1/callback"
TENANT = "11111111-2222-3333-4444-555555555555"
_FORM = re.compile(r'<form[^>]*action="(?P<action>[^"]+)"[^>]*>(?P<fields>.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'name="(?P<name>[^"]+)"\s+value="(?P<value>[^"]*)"')


@dataclass(frozen=True)
class Emulators:
    """Those that run, with one client that all of them know.

    Attributes:
        urls: Where each is.
    """

    urls: dict[str, str]
    client_id: str = "the-client"
    client_secret: str = field(default="the-secret", repr=False)

    async def sign_in(self, authorization_url: str, login: str = "alice") -> Sequence[tuple[str, str]]:
        """Pick a person on the page, and return what the browser brings back, by address or by a posted form.

        Args:
            authorization_url: Where the relying party sent the browser.
            login: ``alice`` or ``bob``.
        """
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http:
            page = await http.get(authorization_url)
            assert page.status_code == httpx.codes.OK, page.text
            form = next(form for form in _FORM.finditer(page.text) if f"{login}@" in form["fields"])
            answer = await http.post(urljoin(authorization_url, form["action"]), data=_fields(form["fields"]))
        if answer.is_redirect:
            return parse_qsl(urlsplit(answer.headers["location"]).query)
        return tuple(_fields(answer.text).items())


def _fields(page: str) -> dict[str, str]:
    return {field["name"]: html.unescape(field["value"]) for field in _FIELD.finditer(page)}


@pytest.fixture(scope="session")
def emulators() -> Iterator[Emulators]:
    """All of them, in one process."""
    require_packages(FOLDER)
    made = Emulators({})
    options = {
        "services": SERVICES,
        "clientId": made.client_id,
        "clientSecret": made.client_secret,
        "redirectUris": [CALLBACK],
        "tenantId": TENANT,
    }
    command = [str(NODE), str(FOLDER / "emulators.mjs"), json.dumps(options)]
    with running(command, r"^listening (?P<urls>.+)$") as ready:
        made.urls.update(zip(SERVICES, ready["urls"].split(), strict=True))
        yield made
