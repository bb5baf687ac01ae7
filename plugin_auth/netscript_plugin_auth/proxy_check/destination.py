"""Whether a stranger decides, by headers, where people are sent after they signed in."""

from collections.abc import Sequence

from netscript_plugin_auth.proxy_check.findings import Finding, Outcome, Verdict, conclude
from netscript_plugin_auth.proxy_check.gate import Gate, plain, shown
from netscript_plugin_auth.proxy_check.refusal import place_of
from netscript_plugin_auth.proxy_check.target import Target
from netscript_plugin_auth.proxy_check.wire import HeaderLine, NoAnswerError, Request, Wire

_EVIL = "netscript-proxy-check.invalid"  # RFC 2606: no such host will ever be
_MADE_UP: Sequence[Sequence[HeaderLine]] = (
    (("X-Forwarded-Host", _EVIL),),
    (("X-Forwarded-Host", _EVIL), ("X-Forwarded-Host", _EVIL)),
    (("X_Forwarded_Host", _EVIL),),
    (("X-Forwarded-Proto", "http"),),
    (("X-Forwarded-Uri", "/netscript-proxy-check"),),
    (("X-Forwarded-Uri", f"//{_EVIL}/"), ("X-Forwarded-Port", "81"), ("X-Original-URL", f"//{_EVIL}/")),
    (("X-Forwarded-Method", "POST"),),
    (("Forwarded", f"host={_EVIL};proto=http"),),
    (("Connection", "close, X-Forwarded-Host, X-Forwarded-Proto, X-Forwarded-Uri"),),
)


async def check_destination(target: Target, wire: Wire, gate: Gate) -> Finding:
    """Open the page with made-up headers of a proxy: the way to sign in and back has to stay the same."""
    page = plain(target)
    # The right host, made up: where it is needed, the proxy does not say it.
    made_up = [*_MADE_UP, [("X-Forwarded-Host", target.authority)]]
    requests = [Request(page.method, page.path, [*page.headers, *lines]) for lines in made_up]
    return conclude(
        "destination",
        "No header of a client changes where people sign in and come back to",
        "set X-Forwarded-Proto, -Host, -Uri and -Method in the proxy, and drop the client's",
        [await _outcome(target, wire, gate, request) for request in requests],
    )


async def _outcome(target: Target, wire: Wire, gate: Gate, request: Request) -> Outcome:
    if gate.sign_in is None:
        return Outcome(Verdict.NOT_JUDGED, "the proxy sends nobody to sign in: it answers 401")
    try:
        answer = await wire.ask(request)
    except NoAnswerError as error:
        return Outcome(Verdict.NOT_JUDGED, f"{shown(request)}: {error}")
    if place_of(answer, target) == gate.sign_in:
        return Outcome(Verdict.PASSED, shown(request))
    if place_of(answer, target) is None:
        return Outcome(Verdict.NOT_JUDGED, f"{shown(request)}: answered {answer.status}, which leads nowhere")
    return Outcome(Verdict.FAILED, f"{shown(request)}: sent somewhere else, or back to another page")
