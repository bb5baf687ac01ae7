"""Takes a picture of the account page, from a real run: ``screenshot.py BROWSER FILE``."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import ViewportSize, async_playwright

from tests.support.auth_api_process import NETSCRIPT
from tests.support.browsing import choose_persona
from tests.support.dev_provider import DevProviderProcess
from tests.support.loopback import loopback_client
from tests.support.ports import unused_port
from tests.support.program import started
from tests.support.site import sign_in

SIZE = ViewportSize(width=1000, height=700)
ANOTHER_DEVICE = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Safari/604.1"
}


def main() -> None:
    """Run auth-api for development, sign in, and write the picture."""
    browser, picture = sys.argv[1], Path(sys.argv[2])
    port, provider_port = unused_port(), unused_port()
    environment = {"PORT": str(port), "NETSCRIPT_DEV_PROVIDER_PORT": str(provider_port)}
    with (
        TemporaryDirectory() as folder,
        started([NETSCRIPT, "auth", "dev"], environment, Path(folder)) as both,
    ):
        both.wait_until(lambda: "Stop with Ctrl-C" in both.stdout, "both are ready")
        asyncio.run(_take(f"http://localhost:{port}", f"http://localhost:{provider_port}", browser, picture))


async def _take(url: str, issuer: str, program: str, picture: Path) -> None:
    async with loopback_client(url, headers=ANOTHER_DEVICE) as elsewhere:
        await sign_in(elsewhere, DevProviderProcess(issuer))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = await browser.new_page(viewport=SIZE, color_scheme="light")
        await page.goto(f"{url}/account")
        await page.get_by_role("link", name="Sign in").click()
        await choose_persona(page)
        await page.wait_for_url(f"{url}/account")
        await page.screenshot(path=picture, animations="disabled")
        await browser.close()


if __name__ == "__main__":
    main()
