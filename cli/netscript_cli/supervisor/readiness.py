"""Whether a process is ready."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from netscript_cli.supervisor.child import Child
from netscript_cli.supervisor.listeners import stranger_at
from netscript_cli.supervisor.programs import Program

START_SECONDS: float = 60.0
"""How long a process may take until it is ready."""

_PAUSE_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Hindrance:
    problem: str
    fix: str


def time_to_start() -> asyncio.Timeout:
    """Return the limit of one start; whoever holds it may end it sooner."""
    return asyncio.timeout(START_SECONDS)


async def why_not_ready(program: Program, child: Child) -> str | None:
    """Wait until a process is ready; say why, where it does not get so in time."""
    hindrance: _Hindrance | None = None
    try:
        async with time_to_start():
            if program.tells_start:
                await child.started.wait()
            if program.ready_url is None:
                return None
            async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False) as client:
                url = httpx.URL(program.ready_url)
                # Another process has no event to wait for.
                while hindrance := await _hindrance(client, url, child):  # noqa: ASYNC110
                    await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        return _late(program, child, hindrance)
    return None


def _late(program: Program, child: Child, hindrance: _Hindrance | None) -> str:
    has_begun = child.started.is_set() or not program.tells_start
    problem = "it has not answered" if has_begun else "it has not begun its work"
    late = f"was not ready after {START_SECONDS:g} seconds: {hindrance.problem if hindrance else problem}"
    if program.ready_url is None:
        return late
    return f"{late}. Fix: {hindrance.fix if hindrance else _listen(httpx.URL(program.ready_url))}"


async def _hindrance(client: httpx.AsyncClient, url: httpx.URL, child: Child) -> _Hindrance | None:
    try:
        answer = await client.get(url)
    except httpx.HTTPError as error:
        return _Hindrance(f"{url} gave no answer ({type(error).__name__})", _listen(url))
    if answer.status_code != HTTPStatus.OK:
        return _Hindrance(f"{url} answered {answer.status_code}", _listen(url))
    stranger = _stranger_at(url, child)
    if stranger is None:
        return None
    return _Hindrance(f"process {stranger} answers at {url}, and is none of it", "stop that process")


def _stranger_at(url: httpx.URL, child: Child) -> int | None:
    """Return who took the port in the meantime: its answers are no sign of ours."""
    if child.guard_id is None or url.port is None:
        return None
    return stranger_at(url.host, url.port, child.guard_id)


def _listen(url: httpx.URL) -> str:
    return (
        f"listen on the port that PORT names, and answer 200 at {url.path}, "
        "or give another path in with_service"
    )
