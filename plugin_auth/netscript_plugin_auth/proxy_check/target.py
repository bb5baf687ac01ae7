"""The page that is to be tried, and where its proxy is reached."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}


class CheckImpossibleError(Exception):
    """The proxy could not be tried: nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A page that needs a sign-in.

    Attributes:
        is_tls: Whether it is asked for by https.
        authority: Its host as the ``Host`` header names it.
        name: The same without a port, as the certificate names it.
        path: With the query.
        address: Host and port to connect to.
        sign_in: Where people sign in, without a query, where that is not at auth-api.
    """

    is_tls: bool
    authority: str
    name: str
    path: str
    address: tuple[str, int]
    sign_in: str | None = None

    @property
    def origin(self) -> str:
        """What stands in front of the path."""
        return f"{'https' if self.is_tls else 'http'}://{self.authority}"


def read_target(url: str, connect: str | None = None, sign_in: str | None = None) -> Target:
    """Read what the operator typed, and repeat none of it in a refusal: there may be a password in it.

    Args:
        url: Of a page that needs a sign-in.
        connect: ``host:port`` to connect to in the place of the URL's, as before DNS knows the name.
        sign_in: Address where people sign in, where that is not at auth-api; its query counts for nothing.

    Raises:
        CheckImpossibleError: with what is wrong.
    """
    split, port = _parts(url, "URL")
    if split.scheme not in _PORTS or not split.hostname:
        raise CheckImpossibleError("URL must begin with https:// or http://, and name a host")
    if split.username is not None or split.password is not None or split.fragment:
        raise CheckImpossibleError("URL must hold no user name, password or fragment")
    if not _is_plain(url):
        raise CheckImpossibleError("URL must be written in ASCII, as a browser sends it")
    path = f"{split.path or '/'}{'?' if split.query else ''}{split.query}"
    address = (split.hostname, _PORTS[split.scheme] if port is None else port)
    if connect is not None:
        address = _read_connect(connect)
    there = None if sign_in is None else _read_sign_in(sign_in)
    return Target(split.scheme == "https", split.netloc, split.hostname, path, address, there)


def read_path(path: str | None) -> str | None:
    """Read a path of the same host that the operator typed.

    Raises:
        CheckImpossibleError: it is none.
    """
    if path is not None and (not path.startswith("/") or not _is_plain(path)):
        raise CheckImpossibleError("--echo must be a path of the same host, such as /headers, in ASCII")
    return path


def _read_connect(connect: str) -> tuple[str, int]:
    there, port = _parts(f"//{connect}", "--connect")
    if not there.hostname or port is None or there.netloc != connect or "@" in connect:
        raise CheckImpossibleError("--connect must be a host and a port, such as 127.0.0.1:443")
    return there.hostname, port


def _read_sign_in(url: str) -> str:
    there, _ = _parts(url, "--sign-in")
    if there.scheme not in _PORTS or not there.hostname:
        raise CheckImpossibleError("--sign-in must begin with https:// or http://, and name a host")
    return f"{there.scheme}://{there.netloc}{there.path}"


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _parts(url: str, called: str) -> tuple[SplitResult, int | None]:
    try:
        split = urlsplit(url)
        return split, split.port
    except ValueError:
        raise CheckImpossibleError(f"{called} is no address that can be read") from None
