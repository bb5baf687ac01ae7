"""A proxy that joins services to one host by their paths, and ends TLS in front of them."""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override

from tests.support.certificates import Certificates

_OF_ONE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class PathProxy:
    """Where it passes requests on to.

    Attributes:
        port: Where it listens on 127.0.0.1.
        targets: Ports on 127.0.0.1 by the beginnings of paths; the longest that fits counts.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.targets: Mapping[str, int] = {}

    def target(self, path: str) -> int:
        """Return the port of the service that a path belongs to."""
        return self.targets[max((each for each in self.targets if path.startswith(each)), key=len)]


@contextmanager
def run_path_proxy(certificates: Certificates) -> Generator[PathProxy]:
    """Serve while the block lasts; the targets are set afterwards."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            service = HTTPConnection("127.0.0.1", proxy.target(self.path), timeout=20)
            service.request(self.command, self.path, body or None, dict(self.headers))
            answer = service.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            service.close()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = certificates.server_context().wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    proxy = PathProxy(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
