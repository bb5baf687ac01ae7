"""Something in the place of auth-api that gives each question of a proxy the answer that a test wants."""

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override


@dataclass
class Verdict:
    """What is answered.

    Attributes:
        port: Where, on 127.0.0.1.
        headers: Beside the cookies.
        cookies: ``Set-Cookie`` lines.
    """

    port: int = 0
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Sequence[str] = ()


@contextmanager
def run_verdict() -> Generator[Verdict]:
    """Answer while the block lasts."""
    verdict = Verdict()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(verdict.status)
            for name, value in verdict.headers.items():
                self.send_header(name, value)
            for line in verdict.cookies:
                self.send_header("Set-Cookie", line)
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    verdict.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield verdict
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
