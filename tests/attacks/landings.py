"""Where a browser would land, as three parsers of addresses that share no code see it."""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from urllib3.util.url import parse_url

from tests.support.auth_api import PREFIX, PUBLIC_URL
from tests.support.node import NODE

# What redirects are relative to: the address of the request that they answer.
BASE = f"{PUBLIC_URL}{PREFIX}/callback"
_PORTS = {"https": 443, "http": 80}
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_PROGRAM = """
const [base, all] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const read = text => { try { return new URL(text, base); } catch { return null; } };
console.log(JSON.stringify(all.map(read).map(url => url && [url.origin, url.pathname])));
"""


@dataclass(frozen=True)
class Landing:
    """A place.

    Attributes:
        origin: As browsers write it.
        path: As written, with escapes in upper case; ``/`` where there is none.
    """

    origin: str
    path: str


def as_browsers_land(locations: Sequence[str]) -> list[Landing | None]:
    """Return where Node's WHATWG parser lands, all in one go; ``None`` for nowhere."""
    done = subprocess.run(
        [str(NODE), "-e", _PROGRAM],
        input=json.dumps([BASE, list(locations)]),
        capture_output=True,
        text=True,
        check=True,
    )
    return [Landing(seen[0], _evenly(seen[1])) if seen else None for seen in json.loads(done.stdout)]


def as_python_lands(location: str) -> Landing:
    """Return where the standard library lands (RFC 3986)."""
    split = urlsplit(urljoin(BASE, location))
    host = split.hostname or ""
    return _landing(split.scheme, f"[{host}]" if ":" in host else host, split.port, split.path)


def as_clients_land(location: str) -> Landing:
    """Return where urllib3 lands, as programs that follow redirects do."""
    # It reads absolute addresses alone; which of the two this is must not be in doubt.
    absolute = PUBLIC_URL + location if location.startswith("/") else location
    url = parse_url(absolute)
    return _landing(url.scheme or "", url.host or "", url.port, url.path or "/")


def _landing(scheme: str, host: str, port: int | None, path: str) -> Landing:
    is_default = port is None or port == _PORTS.get(scheme)
    origin = f"{scheme}://{host}" if is_default else f"{scheme}://{host}:{port}"
    return Landing(origin, _evenly(path or "/"))


def _evenly(path: str) -> str:
    return _ESCAPE.sub(lambda escape: escape[0].upper(), path)
