"""A real browser clicks through the pages, on to an application that sends people to another of its hosts."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser
from typing_extensions import override

from tests.support.ports import unused_port
from tests.support.processes import running

pytestmark = pytest.mark.browser


class Application(BaseHTTPRequestHandler):
    """Takes the callback, by GET or POST, and goes on to the front end at another origin."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/front":
            self._say(f"Hello {parse_qs(parts.query)['code'][0]}")
            return
        self._go_on(parse_qs(parts.query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self._go_on(parse_qs(body))

    def _go_on(self, answer: dict[str, list[str]]) -> None:
        port = urlsplit(f"//{self.headers['host']}").port
        self.send_response(303)
        self.send_header("Location", f"http://front.acme.localhost:{port}/front?code={answer['code'][0]}")
        self.end_headers()

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<h1>{text}</h1>".encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def application() -> Generator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("response_mode", ["query", "form_post"])
async def test_a_click_leads_through_the_callback_to_the_front_end(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, response_mode: str
) -> None:
    monkeypatch.setenv("NETSCRIPT_PROFILE", "development")
    with application() as port:
        callback = f"http://auth.acme.localhost:{port}/callback"
        command = [sys.executable, "-m", "netscript_dev_provider", "--port", str(unused_port())]
        with running([*command, "--redirect-uri", callback], r"provider: (\S+)") as ready:
            query = f"response_type=code&client_id=netscript-dev&redirect_uri={callback}&scope=openid"
            pkce = f"code_challenge={'c' * 43}&code_challenge_method=S256&response_mode={response_mode}"
            async with await browser.new_context() as context:
                page = await context.new_page()
                await page.goto(f"{ready.group(1)}/authorize?{query}&{pkce}&login_hint=bob")
                # A browser gives the focus only as it draws the page, which may be after it has loaded.
                await page.wait_for_function("document.activeElement.value === 'bob'")

                await page.get_by_role("button", name="Alice Example").click()

                await page.wait_for_selector("text=Hello")
                assert page.url.startswith(f"http://front.acme.localhost:{port}/front?code=")
