"""Whether a request without a credential was refused."""

from http import HTTPStatus

from netscript_plugin_auth.proxy_check.findings import Outcome, Verdict
from netscript_plugin_auth.proxy_check.refusal import (
    Place,
    asks_for_a_password,
    is_of_auth_api,
    is_sign_in,
    place_of,
)
from netscript_plugin_auth.proxy_check.target import CheckImpossibleError, Target
from netscript_plugin_auth.proxy_check.wire import Answer, NoAnswerError, Request, Wire

# Those that change nothing (RFC 9110 section 9.2.1): no other is sent with a session.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_MODIFIED, _FIRST_4XX, _FIRST_5XX = 304, 400, 500
BROWSER = (("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))


def plain(target: Target) -> Request:
    """Return the request of a browser that opens the page."""
    return Request("GET", target.path, BROWSER)


class Gate:
    """Knows a refusal of this proxy when it sees one.

    Args:
        target: The page.
        wire: To its proxy.
        sign_in: Where it sends people who open the page; ``None`` where it answers 401.
        cookie: Of a session, if there is one.
    """

    def __init__(self, target: Target, wire: Wire, sign_in: Place | None, cookie: str | None) -> None:
        self._target = target
        self._wire = wire
        self.sign_in = sign_in
        self._cookie = cookie

    async def judge(self, request: Request, *, may_lead_nowhere: bool) -> Outcome:
        """Send a request without a credential, and judge by the status whether it was let in.

        What is neither a page nor a refusal may be the application's answer. It is judged by what a session
        gets for the same request: a page that a stranger was not shown.

        Args:
            request: What to send.
            may_lead_nowhere: Whether it need not be a request for the page: 4xx but 401 is as good as a
                refusal then.
        """
        try:
            answer = await self._wire.ask(request, body_of=HTTPStatus.UNAUTHORIZED)
            if _is_page(answer):
                return _outcome(Verdict.FAILED, request, f"answered {answer.status}")
            is_nothing = may_lead_nowhere and _is_nothing(answer)
            if is_nothing or self.refuses(request, answer) or await self._is_shown_to_a_session(request):
                return _outcome(Verdict.PASSED, request, f"answered {answer.status}")
        except NoAnswerError as error:
            return _outcome(Verdict.NOT_JUDGED, request, str(error))
        return _outcome(Verdict.NOT_JUDGED, request, f"answered {answer.status}, {_unknown(answer)}")

    def refuses(self, request: Request, answer: Answer) -> bool:
        """Whether this is how auth-api has a request without a credential turned away."""
        if is_of_auth_api(request, answer):
            return True
        there = place_of(answer, self._target)
        return there is not None and self.sign_in is not None and there.address == self.sign_in.address

    async def _is_shown_to_a_session(self, request: Request) -> bool:
        if self._cookie is None or request.method not in _SAFE:
            return False
        return _is_page(await self._wire.ask(request, self._cookie))


async def open_gate(target: Target, wire: Wire, cookie: str | None) -> tuple[Gate, Outcome]:
    """Open the page as a browser does, without a credential, and learn how it is refused.

    Returns:
        The gate, and whether the page was refused at all.

    Raises:
        CheckImpossibleError: no answer, or one that is neither a page nor a refusal of auth-api; or the
            session is none.
    """
    request = plain(target)
    try:
        answer = await wire.ask(request, body_of=HTTPStatus.UNAUTHORIZED)
        seen = await wire.ask(request, cookie) if cookie is not None else None
    except NoAnswerError as error:
        raise CheckImpossibleError(f"The page could not be asked for: {error}.") from error
    gate = Gate(target, wire, place_of(answer, target), cookie)
    if _is_page(answer):
        return gate, _outcome(Verdict.FAILED, request, f"answered {answer.status} without a sign-in")
    _check_refusal(answer, gate.sign_in, target)
    if seen is not None and not _is_page(seen):
        raise CheckImpossibleError(
            f"The page answered {seen.status} to the session: it has ended, or its cookie is not whole."
        )
    if gate.sign_in is None and not is_of_auth_api(request, answer):
        return gate, _outcome(Verdict.NOT_JUDGED, request, f"answered {answer.status}, {_unknown(answer)}")
    return gate, _outcome(Verdict.PASSED, request, f"answered {answer.status}")


def _check_refusal(answer: Answer, leads_to: Place | None, target: Target) -> None:
    """Raise unless what came may be a refusal of auth-api: all else is judged by it."""
    if leads_to is not None and not is_sign_in(leads_to, target):
        raise CheckImpossibleError(
            f"The page answered {answer.status} without a sign-in, and leads to something else than "
            "auth-api's sign-in. Name the page that it leads to; or, where people sign in there, say so by "
            "--sign-in."
        )
    if leads_to is None and answer.status != HTTPStatus.UNAUTHORIZED:
        raise CheckImpossibleError(
            f"The page answered {answer.status} without a sign-in, which is neither a page nor a refusal "
            "(401, or a redirect to sign in). Name a page that is there, and see that proxy and auth-api run."
        )
    if asks_for_a_password(answer):
        raise CheckImpossibleError(
            "The page answered 401 and asks for a password (WWW-Authenticate), which auth-api never does. "
            "Let the proxy ask auth-api before this page, and nobody else."
        )


def shown(request: Request) -> str:
    """Return a request as an operator reads it: its line, and what headers are of its own."""
    own = [f"{name}: {value}" for name, value in request.headers if (name, value) not in BROWSER]
    return f"{request.method} {request.path}{' with ' if own else ''}{', '.join(own)}"


def _is_page(answer: Answer) -> bool:
    """Whether the application was reached for sure: it showed something, or spoke by another protocol."""
    return HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES or answer.status in {
        HTTPStatus.SWITCHING_PROTOCOLS,
        _NOT_MODIFIED,
    }


def _is_nothing(answer: Answer) -> bool:
    """Whether the server says that there is no such page: 401 would say that there is one."""
    return _FIRST_4XX <= answer.status < _FIRST_5XX and answer.status != HTTPStatus.UNAUTHORIZED


def _unknown(answer: Answer) -> str:
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return "and nothing in it says that it is auth-api that refused"
    return "which may be the proxy's own answer or the application's"


def _outcome(verdict: Verdict, request: Request, what: str) -> Outcome:
    return Outcome(verdict, f"{shown(request)}: {what}")
