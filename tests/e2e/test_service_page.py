"""docs/protect-your-service.md, followed from its top: a service beside ``scripts/run``, and its visitors."""

import json
import re
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.support.auth_api_process import SESSION_COOKIE, is_ready
from tests.support.clone import Clone
from tests.support.dev_provider import DevProviderProcess
from tests.support.documented import ROOT, Page, blocks_of
from tests.support.loopback import loopback_client
from tests.support.ports import unused_port

PAGE = "docs/protect-your-service.md"
SERVICE = next(block.text for block in blocks_of(PAGE) if block.info == "python fastapi")
(LINK,) = re.findall(r"<(http://localhost:8094\S+)>", (ROOT / PAGE).read_text())


@pytest.mark.slow
@pytest.mark.page(
    "docs/protect-your-service.md",
    "sh ask",
    "sh local",
    "sh tokens",
    "sh service",
    "sh auth-api",
    "sh token",
)
async def test_who_signs_in_by_the_link_is_let_in_by_cookie_and_by_token(page: Page, tmp_path: Path) -> None:
    port, provider_port, service_port = unused_port(), unused_port(), unused_port()
    ports = {"8094": str(port), "8095": str(service_port)}
    variables = {"PORT": str(port), "NETSCRIPT_DEV_PROVIDER_PORT": str(provider_port)}
    clone = Clone(tmp_path, ("scripts/run",), ports, variables)
    (tmp_path / "app.py").write_text(SERVICE)
    provider, start = DevProviderProcess(f"http://localhost:{provider_port}"), page.take("sh service")
    with clone.starts(page.take("sh tokens") + page.take("sh auth-api")) as auth_api:
        auth_api.wait_until(lambda: is_ready(port), "auth-api is ready")
        async with loopback_client() as browser:
            at_provider = (await browser.get(clone.ours(LINK))).headers["location"]
            back = (await browser.get(await provider.sign_in(at_provider))).headers["location"]
            with clone.starts(page.take("sh ask") + start) as asking:
                asking.wait_until(lambda: status(service_port) == 401, "nobody is let in")

                by_cookie = await browser.get(back)

            cookie = f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"
            token = json.loads(clone.types(f"COOKIE={cookie}\n{page.take('sh token')}"))["accessToken"]
            with clone.starts(page.take("sh local") + start) as verifying:
                verifying.wait_until(lambda: status(service_port, token) == 200, "the token lets in")

                by_cookie_alone = await browser.get(back)

    assert back == f"http://localhost:{service_port}/me"
    assert by_cookie.json() == "Alice Example"
    assert by_cookie_alone.status_code == 401


def status(port: int, token: str = "") -> int | None:
    """What the service answers to ``/me``; ``None`` where it does not listen yet."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/me", headers={"Authorization": f"Bearer {token}"} if token else {})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
