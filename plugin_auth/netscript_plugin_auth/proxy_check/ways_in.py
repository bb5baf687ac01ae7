"""The known ways past a proxy that asks first, as requests for a page by somebody without a session.

Sources: CVE-2026-34457 (probes), CVE-2026-40575 and CVE-2025-64484 (headers), RFC 9112 section 3.2 (forms of
the request target), RFC 3986 section 5.2.4 (dots in paths).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from netscript_plugin_auth.proxy_check.gate import plain
from netscript_plugin_auth.proxy_check.target import Target
from netscript_plugin_auth.proxy_check.wire import HeaderLine, Request

Requests = Callable[[Target], Sequence[Request]]
_ROOM = "/api/v1/auth/x"  # below what nobody is asked for
_PREFLIGHT = (
    ("Origin", "https://app.evil.example"),
    ("Access-Control-Request-Method", "GET"),
    ("Access-Control-Request-Headers", "authorization"),
)
_UPGRADE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)
_SAYS_WHO = (
    *("X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups"),
    *("X-Forwarded-User", "X_Auth_Request_User", "X_Forwarded_User", "Remote-User"),
)
_OF_AUTH_API = "/api/v1/auth/verify"


@dataclass(frozen=True, slots=True)
class WayIn:
    """A check whose requests all have to be refused.

    Attributes:
        name: The same in every version.
        says: What holds where it is closed.
        fix: What to do where it is open.
        may_lead_nowhere: Whether a server need not read its requests as ones for the page.
    """

    name: str
    says: str
    fix: str
    requests: Requests
    may_lead_nowhere: bool = False


def _probes(target: Target) -> Sequence[Request]:
    agents = ("kube-probe/1.31", "GoogleHC/1.0", "ELB-HealthChecker/2.0")
    return [_with(target, ("User-Agent", agent)) for agent in agents]


def _methods(target: Target) -> Sequence[Request]:
    return [Request(method, target.path) for method in ("HEAD", "PROPFIND", "NETSCRIPT")]


def _preflight(target: Target) -> Sequence[Request]:
    return [Request("OPTIONS", target.path), Request("OPTIONS", target.path, _PREFLIGHT)]


def _websocket(target: Target) -> Sequence[Request]:
    return [Request("GET", target.path, _UPGRADE)]


def _claims(target: Target) -> Sequence[Request]:
    return [
        _with(target, *((name, "root") for name in _SAYS_WHO)),
        _with(target, ("Authorization", "Basic Og==")),
    ]


def _forwarded(target: Target) -> Sequence[Request]:
    paths = (_OF_AUTH_API, "/login", "/health/live", "/favicon.ico", "/robots.txt")
    rewritten = [
        _with(target, *((name, path) for name in ("X-Forwarded-Uri", "X-Original-URL", "X-Rewrite-URL")))
        for path in paths
    ]
    return [
        *rewritten,
        _with(target, ("X-Forwarded-Method", "OPTIONS")),
        _with(target, ("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1")),
    ]


def _paths(target: Target) -> Sequence[Request]:
    return [Request("GET", path, plain(target).headers) for path in _spellings(target)]


def _spellings(target: Target) -> Iterator[str]:
    """Every spelling of the page's path that some proxy and some application read differently."""
    split = urlsplit(target.path)
    path, query = split.path, f"?{split.query}" if split.query else ""
    below = path.lstrip("/")
    yield from (
        f"{each}{query}" for each in (f"/{path}", f"/.{path}", f"/%2e{path}", f"/%2f{below}", f"{path}/.")
    )
    yield from (f"{path}{end}{query}" for end in (";x", ";.css", "%3bx", "%00", "/auth.css"))
    for room in ("/login", "/error", "/assets/auth.css", _ROOM):
        up = room.count("/")
        for step in ("/..", "/%2e%2e", "/.%2e", "%2f..", "/..;"):
            yield f"{room}{step * up}{path}{query}"
        yield f"{room}{'%2f..' * up}%2f{below}{query}"
    yield f"{target.origin}{target.path}"


def _verify(target: Target) -> Sequence[Request]:
    says = [(name, "root") for name in _SAYS_WHO]
    return [
        Request("GET", _OF_AUTH_API, says),
        Request("GET", f"{_OF_AUTH_API}?redirect=true", says),
        Request("GET", f"{_OF_AUTH_API}{target.path}", says),
        Request("OPTIONS", _OF_AUTH_API),
    ]


def _with(target: Target, *lines: HeaderLine) -> Request:
    page = plain(target)
    return Request(page.method, page.path, [*page.headers, *lines])


WAYS_IN: Sequence[WayIn] = (
    WayIn(
        "probes",
        "Nobody gets in by the name of a health probe",
        "ask before each request, whatever its User-Agent; probe the application without the proxy",
        _probes,
    ),
    WayIn(
        "methods",
        "Nobody gets in by another method",
        "ask whatever the method: no limit_except, no matcher by method around the question",
        _methods,
    ),
    WayIn(
        "preflight",
        "Nobody gets in by OPTIONS",
        "ask before OPTIONS, too, or answer preflights in the proxy, without the application",
        _preflight,
    ),
    WayIn(
        "websocket",
        "No WebSocket is opened without a session",
        "ask before an upgrade, too: the location of WebSockets needs the same question",
        _websocket,
    ),
    WayIn(
        "claims",
        "Nobody gets in by saying who they are",
        "drop every identity header of the client before anything decides by it",
        _claims,
    ),
    WayIn(
        "forwarded",
        "Nobody gets in by X-Forwarded-*, X-Original-URL or an address of this machine",
        "set X-Forwarded-* in the proxy, drop the client's, and believe no address of a header",
        _forwarded,
    ),
    WayIn(
        "paths",
        "Nobody gets in by another spelling of the path",
        "normalise paths, refuse encoded slashes, protect / and name exceptions, each to its end",
        _paths,
        may_lead_nowhere=True,
    ),
    WayIn(
        "verify",
        "Whoever asks /verify from outside is told nothing",
        "pass /api/v1/auth/ to auth-api as it is, and let no rule of the proxy answer for it",
        _verify,
        may_lead_nowhere=True,
    ),
)
