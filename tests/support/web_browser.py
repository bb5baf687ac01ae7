"""A browser without a window: cookies, ``Origin`` and ``Sec-Fetch-*`` as the real ones send them."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import httpx

from netscript_kernel.clock import Clock
from tests.support.cookie_jar import CookieJar

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FORM = "application/x-www-form-urlencoded"
OPAQUE = "null"
_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_SIMPLE_METHODS = frozenset({"GET", "HEAD", "POST"})
_SIMPLE_TYPES = frozenset({FORM, "multipart/form-data", "text/plain"})
_REDIRECTS_TO_GET = frozenset({301, 302, 303})

Fields = Sequence[tuple[str, str]]


class BlockedError(Exception):
    """The browser did not send this, because the service did not allow it beforehand."""


class WebBrowser:
    """One person's browser. It follows no redirect unless told to.

    Attributes:
        answers: Everything that came back, in order.

    Args:
        home: The service's own origin; relative addresses lead there.
        transport: Reaches all sites.
        clock: Of the cookies.
        tells_metadata: Whether it sends ``Sec-Fetch-*``; browsers before 2020 do not.
    """

    def __init__(
        self, home: str, transport: httpx.AsyncBaseTransport, clock: Clock, *, tells_metadata: bool = True
    ) -> None:
        self.home = home
        self.jar = CookieJar(clock)
        self.answers: list[httpx.Response] = []
        self._read = 0
        self._transport = transport
        self._tells_metadata = tells_metadata

    def unread(self) -> Sequence[httpx.Response]:
        """Return what came back since this was last asked."""
        answers = self.answers[self._read :]
        self._read = len(self.answers)
        return answers

    async def open(self, url: str, *, of_page: str | None = None) -> httpx.Response:
        """Load a page into the tab: typed by the person, or by a link of the page named."""
        return await self._navigate("GET", url, of_page, b"", {})

    async def submit(
        self, url: str, fields: Fields, *, of_page: str | None = None, encoding: str = FORM
    ) -> httpx.Response:
        """Post a form of a page, of our own by default, into the tab."""
        body = urlencode(list(fields)).encode()
        headers = {"content-type": encoding, "origin": of_page or self.home}
        return await self._navigate("POST", url, of_page or self.home, body, headers)

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """Go where a redirect leads; the site that made the first request counts on."""
        assert answer.has_redirect_location, f"{answer.status_code} is no redirect"
        before = answer.request
        target = before.url.join(answer.headers["location"])
        keeps = answer.status_code not in _REDIRECTS_TO_GET
        method, body = (before.method, before.content) if keeps else ("GET", b"")
        return await self._navigate(method, str(target), before.extensions["of_page"], body, {})

    async def embed(self, url: str, *, of_page: str, destination: str = "image") -> httpx.Response:
        """Load something into a page: an image, a script, a frame."""
        mode = "navigate" if destination == "iframe" else "no-cors"
        headers = {"accept": "*/*", **self._metadata(url, of_page, mode, destination)}
        return await self._send("GET", url, of_page, b"", headers, is_navigation=False)

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        of_page: str | None = None,
    ) -> httpx.Response:
        """Do what a script of a page can do, with credentials.

        Raises:
            BlockedError: the browser asked first, and was not allowed to.
        """
        page, given = of_page or self.home, {key.lower(): text for key, text in (headers or {}).items()}
        is_foreign = _origin(self._absolute(url)) != page
        if is_foreign and _needs_permission(method, given):
            await self._ask_first(url, method, given, page)
        if is_foreign or method != "GET":
            given = {"origin": page, **given}
        own = {"accept": "*/*", **self._metadata(url, page, "cors", "empty"), **given}
        return await self._send(method, url, page, body, own, is_navigation=False)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request as it is: what no page can make a browser do."""
        answer = await self._transport.handle_async_request(request)
        await answer.aread()
        answer.request = request
        self.answers.append(answer)
        return answer

    def _absolute(self, url: str) -> httpx.URL:
        return httpx.URL(self.home).join(url)

    async def _navigate(
        self, method: str, url: str, of_page: str | None, body: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        metadata = {**self._metadata(url, of_page, "navigate", "document"), "accept": _PAGE}
        return await self._send(method, url, of_page, body, {**metadata, **headers}, is_navigation=True)

    async def _ask_first(self, url: str, method: str, headers: Mapping[str, str], page: str) -> None:
        names = ", ".join(sorted(headers))
        asked = {"origin": page, "access-control-request-method": method}
        asked |= {"access-control-request-headers": names} if names else {}
        request = httpx.Request("OPTIONS", self._absolute(url), headers=asked)
        answer = await self.send(request)
        allowed = answer.headers.get("access-control-allow-origin") == page and answer.is_success
        if not allowed:
            raise BlockedError(f"{method} {url} from {page}: {answer.status_code}")

    async def _send(
        self,
        method: str,
        url: str,
        of_page: str | None,
        body: bytes,
        headers: Mapping[str, str],
        *,
        is_navigation: bool,
    ) -> httpx.Response:
        target = self._absolute(url)
        is_same_site = _relation(target, of_page) != "cross-site"
        is_safe_navigation = is_navigation and method in {"GET", "HEAD"}
        cookies = self.jar.header(target, is_same_site=is_same_site, is_safe_navigation=is_safe_navigation)
        own = {"user-agent": USER_AGENT, **headers, **({"cookie": cookies} if cookies else {})}
        request = httpx.Request(method, target, headers=own, content=body, extensions={"of_page": of_page})
        answer = await self.send(request)
        for line in answer.headers.get_list("set-cookie"):
            self.jar.take(target, line, is_cross_site_embed=not is_same_site and not is_navigation)
        return answer

    def _metadata(self, url: str, of_page: str | None, mode: str, destination: str) -> dict[str, str]:
        """Return what browsers say of a request (W3C Fetch Metadata), to safe sites only."""
        target = self._absolute(url)
        if not self._tells_metadata or target.scheme != "https":
            return {}
        site = _relation(target, of_page)
        told = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination}
        return told | ({"sec-fetch-user": "?1"} if mode == "navigate" and destination == "document" else {})


def _relation(target: httpx.URL, of_page: str | None) -> str:
    """Return how the page that asks stands to what it asks for, as ``Sec-Fetch-Site`` has it."""
    if of_page is None:
        return "none"
    if of_page == OPAQUE:
        return "cross-site"
    if _origin(target) == of_page:
        return "same-origin"
    return "same-site" if _site(target) == _site(httpx.URL(of_page)) else "cross-site"


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def _site(url: httpx.URL) -> tuple[str, str]:
    return url.scheme, ".".join(url.host.split(".")[-2:])


def _needs_permission(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a script of another origin must be allowed first (Fetch Standard, CORS-preflight)."""
    media_type = headers.get("content-type", FORM).partition(";")[0].strip().lower()
    own = headers.keys() - {"content-type", "accept"}
    return method not in _SIMPLE_METHODS or bool(own) or media_type not in _SIMPLE_TYPES
