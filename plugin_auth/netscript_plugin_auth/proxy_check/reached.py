"""Whether an identity that a client makes up reaches the application, judged by what the application got."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

from netscript_plugin_auth.proxy_check.echo import read_echo
from netscript_plugin_auth.proxy_check.findings import Finding, Outcome, Verdict, conclude
from netscript_plugin_auth.proxy_check.gate import BROWSER, shown
from netscript_plugin_auth.proxy_check.target import CheckImpossibleError
from netscript_plugin_auth.proxy_check.wire import HeaderLine, NoAnswerError, Request, Wire

_MADE_UP: Final = "netscript-proxy-check"
_TOLD: Final = ("X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups")
_NAMES: Final = (*_TOLD, "X-Forwarded-User")
_IDENTITY: Final = frozenset(name.lower() for name in _NAMES)
_SPELLINGS: Sequence[Callable[[str], str]] = (
    str,
    str.lower,
    str.upper,
    lambda name: name.replace("-", "_"),
    lambda name: name.upper().replace("-", "_"),
    lambda name: name.replace("-", "_", 1),
    lambda name: "_".join(name.rsplit("-", 1)),
    lambda name: name.replace("-Request", "_Request"),
)


class Reached:
    """Asks an application that answers with the headers it got.

    Args:
        wire: To its proxy.
        path: Where it answers so.
        cookie: Of a session; ``None`` asks as a stranger.
    """

    def __init__(self, wire: Wire, path: str, cookie: str | None) -> None:
        self._wire = wire
        self._path = path
        self._cookie = cookie

    async def check(self) -> Sequence[Finding]:
        """Send made-up identities in every spelling, and look for them, and for what became of the true one.

        Raises:
            CheckImpossibleError: the application was reached, and did not answer with its headers.
        """
        true = await self._true_identity()
        spelled = [[(spell(name), _MADE_UP) for name in _NAMES] for spell in _SPELLINGS]
        doubled = [[line for line in lines for _ in range(2)] for lines in spelled]
        dropped = [[("Connection", f"close, {name}")] for name in _TOLD]
        return [
            conclude(
                "identity",
                "No identity that a client makes up reaches the application",
                "drop the client's X-Auth-Request-* and X-Forwarded-User, also with underscores",
                [await self._outcome(lines, true) for lines in (*spelled, *doubled)],
            ),
            conclude(
                "hop-by-hop",
                "No client makes the proxy drop who is there, by Connection",
                "set the identity headers after hop-by-hop headers are dropped; drop the client's Connection",
                [await self._outcome(lines, true) for lines in dropped],
            ),
        ]

    async def _true_identity(self) -> Sequence[HeaderLine] | None:
        request = Request("GET", self._path, BROWSER)
        try:
            answer = await self._wire.ask(request, self._cookie, body_of=HTTPStatus.OK)
        except NoAnswerError as error:
            raise CheckImpossibleError(f"The page of --echo could not be asked for: {error}.") from error
        echo = read_echo(answer)
        if echo is None and (self._cookie is not None or answer.status == HTTPStatus.OK):
            raise CheckImpossibleError(
                f"The page of --echo answered {answer.status}, and no JSON of the headers that it got."
            )
        return None if echo is None else _identity(echo)

    async def _outcome(self, lines: Sequence[HeaderLine], true: Sequence[HeaderLine] | None) -> Outcome:
        request = Request("GET", self._path, [*BROWSER, *lines])
        if true is None:
            return Outcome(Verdict.NOT_JUDGED, "a stranger does not reach the application: give a session")
        try:
            echo = read_echo(await self._wire.ask(request, self._cookie, body_of=HTTPStatus.OK))
        except NoAnswerError as error:
            return Outcome(Verdict.NOT_JUDGED, f"{shown(request)}: {error}")
        if echo is None:
            return Outcome(Verdict.NOT_JUDGED, f"{shown(request)}: the application did not say what it got")
        if _identity(echo) == true:
            return Outcome(Verdict.PASSED, shown(request))
        is_believed = any(_MADE_UP in value for _, value in _identity(echo))
        what = "reached the application" if is_believed else "took the true identity away"
        return Outcome(Verdict.FAILED, f"{shown(request)}: {what}")


def unjudged() -> Sequence[Finding]:
    """Return the findings of somebody who has no such application."""
    needs = Outcome(Verdict.NOT_JUDGED, "needs --echo PATH, where the application answers with its headers")
    return [
        conclude("identity", "No identity that a client makes up reaches the application", "", [needs]),
        conclude("hop-by-hop", "No client makes the proxy drop who is there, by Connection", "", [needs]),
    ]


def _identity(echo: Sequence[HeaderLine]) -> Sequence[HeaderLine]:
    return sorted(line for line in echo if line[0] in _IDENTITY)
