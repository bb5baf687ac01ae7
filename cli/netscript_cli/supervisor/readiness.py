"""Whether a process is ready."""

import asyncio
from http import HTTPStatus
from typing import Final

import httpx

from netscript_cli.supervisor.child import Child
from netscript_cli.supervisor.programs import Program

START_SECONDS: float = 60.0
"""How long a process may take until it is ready."""

_PAUSE_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 5.0


async def why_not_ready(program: Program, child: Child) -> str | None:
    """Wait until a process is ready; say why, where it does not get so in time."""
    told: str | None = "it has not begun its work"
    try:
        async with asyncio.timeout(START_SECONDS):
            if program.tells_start:
                await child.started.wait()
            if program.ready_url is None:
                return None
            async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False) as client:
                # Another process has no event to wait for.
                while (told := await _why_not(client, program.ready_url)) is not None:  # noqa: ASYNC110
                    await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        late = f"was not ready after {START_SECONDS:g} seconds: {told or 'it has not answered'}"
        return late if program.ready_url is None else f"{late}. Fix: {_fix(program.ready_url)}"
    return None


def _fix(ready_url: str) -> str:
    path = httpx.URL(ready_url).path
    return (
        f"listen on the port that PORT names, and answer 200 at {path}, or give another path in with_service"
    )


async def _why_not(client: httpx.AsyncClient, url: str) -> str | None:
    try:
        answer = await client.get(url)
    except httpx.HTTPError as error:
        return f"{url} gave no answer ({type(error).__name__})"
    return None if answer.status_code == HTTPStatus.OK else f"{url} answered {answer.status_code}"
