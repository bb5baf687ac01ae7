"""An application beside auth-api, on a host of its own: some pages, and a memory of what browsers sent."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override


class Application:
    """What is served, and what was seen.

    Attributes:
        port: Where it listens on 127.0.0.1.
        pages: HTML by path; every other path is an empty page.
        cookies: The ``Cookie`` header of each request, by path; empty where there was none.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, str] = {}
        self.cookies: dict[str, str] = {}


@contextmanager
def run_application() -> Generator[Application]:
    """Serve while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            application.cookies[self.path] = self.headers.get("cookie", "")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(application.pages.get(self.path, "<title>Application</title>").encode())

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    application = Application(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield application
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
