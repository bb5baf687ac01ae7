"""One client: does one thing after the other, and judges each answer by what is known."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.soaking.ledger import Ledger
from benchmarks.soaking.people import MOST_LIVE, Held, Pace, Person
from benchmarks.soaking.site import Place
from benchmarks.soaking.truth import Answer, Outages, fault_of_read, fault_of_status
from benchmarks.soaking.wire import Connection, Response
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from tests.support.auth_api_process import API, SESSION_COOKIE

_OK, _FOUND, _SEE_OTHER, _NO_CONTENT, _NOT_FOUND = 200, 302, 303, 204, 404
_PROGRAM: Final = {"x-netscript-csrf": "1", "content-type": "application/json"}
_MIX: Final = {"session": 600, "me": 300, "sign in": 55, "sign out": 25, "end": 19, "everywhere": 1}


class Lane:
    """A client with a connection of its own.

    Args:
        place: Where auth-api and the provider are.
        people: In whose names; lanes share them.
        ledger: Where answers are written down.
        outages: When the store was away.
        random: Chooses what to do.
    """

    def __init__(
        self, place: Place, people: Sequence[Person], ledger: Ledger, outages: Outages, random: Random
    ) -> None:
        self._api = Connection(place.port, place.host)
        self._provider = Connection(place.provider_port, f"localhost:{place.provider_port}")
        self._people = people
        self._ledger = ledger
        self._outages = outages
        self._random = random

    async def go_on(self, until: float, pace: Pace) -> None:
        """Do what comes next until the time has come; whatever breaks off is a fault."""
        while time.monotonic() < until:
            await asyncio.sleep(pace.wait())
            deed = self._random.choices(tuple(_MIX), tuple(_MIX.values()))[0]
            try:
                await self._do(deed, self._random.choice(self._people))
            except (OSError, ValueError) as error:
                self._ledger.blame(deed, time.monotonic(), f"no sound answer: {type(error).__name__}")

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._provider.close()

    async def sign_in(self, person: Person) -> None:
        """Begin a session, unless the store is away; the first one tells who the person is."""
        async with person.changing:
            if not (token := await self._token_of_a_sign_in(person)):
                return
            if not person.user_id:
                headers = {"cookie": f"{SESSION_COOKIE}={token}"}
                user = json.loads((await self._api.ask("GET", f"{API}/me", headers)).body)["user"]
                if user["name"] != person.persona.name:
                    self._ledger.blame("sign in", time.monotonic(), "the identity of somebody else")
                person.user_id = user["id"]
            person.gain(token)

    async def read(self, held: Held, deed: str = "session") -> None:
        """Ask who is signed in, and judge the answer."""
        answer, body = await self._ask("GET", f"{API}/{deed}", held)
        answer = _reading(answer, body, deed)
        self._ledger.note(deed, answer, fault_of_read(held.truth, answer, self._outages))

    async def _do(self, deed: str, person: Person) -> None:
        if deed in {"session", "me"}:
            if held := person.to_read(self._random):
                await self.read(held, deed)
            return
        if deed == "sign in":
            await (self.sign_in(person) if len(person.live) < MOST_LIVE else self._sign_out(person))
        elif deed == "sign out":
            await self._sign_out(person)
        elif deed == "end":
            await self._end(person)
        elif person.leaves:
            await self._leave_everywhere(person)

    async def _sign_out(self, person: Person) -> None:
        """End a session by its own token."""
        async with person.changing:
            if not (held := person.to_end(self._random)):
                return
            is_first = held in person.live
            person.ask_to_end(held)
            answer, body = await self._ask("POST", f"{API}/signout", held, b"{}")
            fault = fault_of_status(answer, self._outages, (_OK,))
            if answer.status == _OK:
                person.confirm(held)
                if is_first and body["ended"] != 1:
                    fault = "a sign-out of one session that did not end one"
            self._ledger.note("sign out", answer, fault)

    async def _end(self, person: Person) -> None:
        """End a session from the list of another one."""
        async with person.changing:
            held = person.to_end(self._random)
            if held is None or held not in person.live or len(person.live) == 1:
                return
            other = next(each for each in person.live if each is not held)
            person.ask_to_end(held)
            path = f"{API}/sessions/{handle_of(held.token)}"
            answer, _ = await self._ask("DELETE", path, other)
            if answer.status in {_OK, _NO_CONTENT}:
                person.confirm(held)
            self._ledger.note("end", answer, fault_of_status(answer, self._outages, (_OK, _NO_CONTENT)))

    async def _leave_everywhere(self, person: Person) -> None:
        """End all sessions of a person."""
        async with person.changing:
            if not person.live:
                return
            asking, leaving = person.live[0], [*person.live]
            for held in leaving:
                person.ask_to_end(held)
            answer, body = await self._ask("POST", f"{API}/signout", asking, b'{"everywhere": true}')
            fault = fault_of_status(answer, self._outages, (_OK,))
            if answer.status == _OK:
                for held in [*person.unsure]:
                    person.confirm(held)
                if body["ended"] < len(leaving):
                    fault = "a sign-out everywhere that left sessions"
            self._ledger.note("everywhere", answer, fault)

    async def _token_of_a_sign_in(self, person: Person) -> str | None:
        """Go through a sign-in; return the session's token, or ``None`` where the store is away."""
        begun = time.monotonic()
        path = f"{API}/signin?loginHint={person.persona.key}"
        if not (response := await self._step(path, {}, _FOUND)):
            return None
        flow = "; ".join(f"{name}={value}" for name, value in response.cookies().items())
        there = urlsplit(response.header("location") or "")
        back = await self._provider.ask("GET", f"{there.path}?{there.query}")
        here = urlsplit(back.header("location") or "")
        response = await self._step(f"{here.path}?{here.query}", {"cookie": flow}, _SEE_OTHER)
        if not response:
            return None
        self._ledger.note("sign in", Answer(begun, time.monotonic(), response.status), None)
        return response.cookies()[SESSION_COOKIE]

    async def _step(self, path: str, headers: Mapping[str, str], expected: int) -> Response | None:
        asked_at = time.monotonic()
        response = await self._api.ask("GET", path, headers)
        if response.status == expected:
            return response
        answer = _answer(asked_at, response)
        self._ledger.note("sign in", answer, fault_of_status(answer, self._outages, (expected,)))
        return None

    async def _ask(self, method: str, path: str, held: Held, body: bytes = b"") -> tuple[Answer, Any]:
        headers = {"cookie": f"{SESSION_COOKIE}={held.token}"}
        if method != "GET":
            headers |= _PROGRAM
        asked_at = time.monotonic()
        response = await self._api.ask(method, path, headers, body)
        return _answer(asked_at, response), json.loads(response.body) if response.body else None


def _answer(asked_at: float, response: Response) -> Answer:
    retry_after, cookies = response.header("retry-after"), response.cookies()
    return Answer(asked_at, time.monotonic(), response.status, retry_after, sets_cookie=bool(cookies))


def _reading(answer: Answer, body: dict[str, Any], deed: str) -> Answer:
    """Add what the body of ``/session`` or ``/me`` says."""
    if answer.status != _OK:
        return answer
    session: dict[str, Any] = body.get("session") or {}
    user: dict[str, Any] = body.get("user") or {}
    named = session.get("userId")
    if deed == "me" and body.get("authenticated") and named != user.get("id"):
        named = None  # two people in one answer are nobody's
    return Answer(
        answer.asked_at,
        answer.answered_at,
        answer.status,
        answer.retry_after,
        sets_cookie=answer.sets_cookie,
        authenticated=body.get("authenticated"),
        user_id=named,
    )
