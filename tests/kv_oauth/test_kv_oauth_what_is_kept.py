"""What the README says is kept, and for how long: nothing else, and not longer."""

import re
from datetime import timedelta
from pathlib import Path

import httpx

from tests.kv_oauth.desks import Desk, open_desk

README = Path(__file__).parents[2] / "adapters" / "kv_oauth" / "README.md"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# People, whom the user directory of the core keeps for good.
OF_THE_DIRECTORY = ("auth/user/", "auth/account/")


async def _live_through_everything(desk: Desk) -> None:
    """Leave every kind of record behind."""
    await desk.start()
    used = (await desk.sign_in()).issued
    desk.clock.advance(5 * MINUTE)
    await desk.who(used.token)
    await desk.settle()
    gone = (await desk.sign_in("bob")).issued
    desk.people.wire.answer = lambda request: httpx.Response(503) if request.url.path == "/revoke" else None
    async with desk.people.wire.paused_refresh() as pause:
        desk.clock.advance(5 * MINUTE)
        await desk.who(gone.token)
        await pause.reached()
        await desk.backend.sessions.revoke(gone.session.handle)
        pause.release()
        await desk.settle()
    await _tell_of_a_sign_out(desk)


async def _tell_of_a_sign_out(desk: Desk) -> None:
    assert desk.backend.upstream_logout is not None
    await desk.backend.upstream_logout.end("oidc", desk.people.idp.logout_of("bob"))


def _kinds(keys: list[str]) -> set[str]:
    return {key[: key.rindex("/") + 1] for key in keys if not key.startswith(OF_THE_DIRECTORY)}


async def test_every_kind_of_record_is_in_the_readme() -> None:
    documented = set(re.findall(r"^\| `(auth/[a-z-]+/)<", README.read_text(), re.MULTILINE))
    async with open_desk() as desk:
        await _live_through_everything(desk)

        assert _kinds(desk.kept("auth/")) == documented


async def test_all_of_it_is_gone_a_day_after_the_last_possible_moment(desk: Desk) -> None:
    await _live_through_everything(desk)
    desk.clock.advance(desk.session_ttl + DAY)
    while await desk.store.sweep():
        pass

    left = [key for key in desk.kept("auth/") if await desk.store.get(key) is not None]

    assert _kinds(left) == {"auth/sealing-key/"}
    desk.clock.advance(timedelta(days=402))
    assert [key for key in left if await desk.store.get(key) and "sealing" in key] == []
