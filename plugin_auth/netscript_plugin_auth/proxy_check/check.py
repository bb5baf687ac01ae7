"""All checks of one proxy, one after the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from netscript_plugin_auth.proxy_check.destination import check_destination
from netscript_plugin_auth.proxy_check.findings import Finding, Verdict, conclude
from netscript_plugin_auth.proxy_check.gate import Gate, open_gate
from netscript_plugin_auth.proxy_check.reached import Reached, unjudged
from netscript_plugin_auth.proxy_check.target import CheckImpossibleError, Target
from netscript_plugin_auth.proxy_check.ways_in import WAYS_IN, WayIn
from netscript_plugin_auth.proxy_check.wire import Wire

REQUEST_SECONDS: Final = 10.0
ALL_SECONDS: Final = 180.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long it may take.

    Attributes:
        request: Seconds for one request.
        all: Seconds for all of them.
    """

    request: float = REQUEST_SECONDS
    all: float = ALL_SECONDS


async def check_proxy(
    target: Target, cookie: str | None = None, echo: str | None = None, limits: Limits | None = None
) -> Sequence[Finding]:
    """Try every known way around the sign-in of a page.

    Args:
        target: A page that needs a sign-in.
        cookie: Of a session that is shown the page: with it more can be judged.
        echo: Path where the application answers with the headers that it got; likewise.
        limits: How long it may take.

    Raises:
        CheckImpossibleError: the page, the session or the echo is not what it has to be; or it took too long.
    """
    limits = limits or Limits()
    try:
        async with asyncio.timeout(limits.all):
            return await _check(target, Wire(target, limits.request), cookie, echo)
    except TimeoutError:
        problem = f"The proxy is too slow: not done within {limits.all:g} seconds."
        raise CheckImpossibleError(problem) from None


async def _check(target: Target, wire: Wire, cookie: str | None, echo: str | None) -> Sequence[Finding]:
    gate, opened = await open_gate(target, wire, cookie)
    closed = conclude(
        "closed",
        "The page is not shown without a sign-in",
        "let the proxy ask auth-api before this page; or name a page that needs a sign-in",
        [opened],
    )
    if closed.verdict is Verdict.FAILED:
        return [closed]
    ways = [await _try(way, target, gate) for way in WAYS_IN]
    reached = unjudged() if echo is None else await Reached(wire, echo, cookie).check()
    return [closed, *ways, await check_destination(target, wire, gate), *reached]


async def _try(way: WayIn, target: Target, gate: Gate) -> Finding:
    requests = way.requests(target)
    outcomes = [await gate.judge(each, may_lead_nowhere=way.may_lead_nowhere) for each in requests]
    return conclude(way.name, way.says, way.fix, outcomes)
