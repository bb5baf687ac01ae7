"""J3: better-auth's cookies, wrongly signed, doubled, planted or forged. Only the server's word counts."""

import base64
import json
from collections.abc import AsyncGenerator

import pytest

from tests.attacks.better_auth_world import (
    COOKIE,
    BetterAuthWorld,
    cookie_value,
    good_answer,
    open_better_auth_world,
)

PLAIN = COOKIE.removeprefix("__Secure-")
CACHE = "__Secure-better-auth.session_data"


@pytest.fixture
async def world() -> AsyncGenerator[BetterAuthWorld]:
    async with open_better_auth_world() as running:
        running.says(good_answer(running.token))
        yield running


def _odd_values(token: str) -> dict[str, str]:
    good = cookie_value(token)
    signature = good.partition(".")[2]
    return {
        "not signed": token,
        "signed with nothing": f"{token}.",
        "signed by somebody else": cookie_value(token, "another secret"),
        "another token under this signature": f"{token[::-1]}.{signature}",
        "cut short": good[:-4],
        "doubled": good + good,
        "quoted": f'"{good}"',
        "escaped twice": good.replace("%", "%25"),
        "a bit of the padding's neighbour": _with_another_last_bit(good),
        "in other letters": good.swapcase(),
        "empty": "",
        "a broken escape": f"{token}.%ZZ",
        "huge": "A" * 20_000,
    }


def _with_another_last_bit(value: str) -> str:
    """Decodes to the same bytes where the decoder is lenient."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = value.removesuffix("%3D")
    return f"{body[:-1]}{alphabet[alphabet.index(body[-1]) ^ 1]}%3D"


async def test_j3_a_cookie_that_the_server_signed_lets_its_person_in(world: BetterAuthWorld) -> None:
    answer = await world.me(cookie=f"{COOKIE}={cookie_value(world.token)}")

    assert answer.json()["user"]["name"] == "Alice Adams"


@pytest.mark.parametrize("odd", _odd_values("t" * 32))
async def test_j3_a_cookie_that_the_server_did_not_sign_is_refused_without_asking_it(
    world: BetterAuthWorld, odd: str
) -> None:
    value = _odd_values(world.token)[odd]

    reason = await world.reason(cookie=f"{COOKIE}={value}")

    assert reason == "cookie_malformed"
    assert world.asked == []


async def test_j3_a_signed_bearer_token_is_held_to_the_same(world: BetterAuthWorld) -> None:
    forged = cookie_value(world.token, "another secret")

    reason = await world.reason(authorization=f"Bearer {forged}")

    assert reason == "cookie_malformed"
    assert world.asked == []


@pytest.mark.parametrize("name", [PLAIN, f"__Host-{PLAIN}", COOKIE.lower(), f"{COOKIE}.0", "better-auth"])
async def test_j3_a_twin_under_another_name_is_not_heard(world: BetterAuthWorld, name: str) -> None:
    reason = await world.reason(cookie=f"{name}={cookie_value(world.token)}")

    assert reason == "no_session"
    assert world.asked == []


async def test_j3_a_planted_twin_does_not_disturb_the_real_one(world: BetterAuthWorld) -> None:
    planted = f"{PLAIN}={cookie_value('m' * 32)}"

    answer = await world.me(cookie=f"{planted}; {COOKIE}={cookie_value(world.token)}")

    assert answer.json()["authenticated"] is True
    assert PLAIN not in {part.partition("=")[0].strip() for part in _sent(world).split(";")}


async def test_j3_two_cookies_of_one_name_are_nobodys(world: BetterAuthWorld) -> None:
    good, other = cookie_value(world.token), cookie_value("m" * 32)

    reasons = [
        await world.reason(cookie=f"{COOKIE}={first}; {COOKIE}={second}")
        for first, second in ((good, good), (good, other), (other, good), ("", good), (good, "%"))
    ]

    assert set(reasons) == {"cookie_ambiguous"}
    assert world.asked == []


async def test_j3_a_cookie_and_a_token_of_different_sessions_are_nobodys(world: BetterAuthWorld) -> None:
    reason = await world.reason(
        cookie=f"{COOKIE}={cookie_value(world.token)}", authorization=f"Bearer {cookie_value('m' * 32)}"
    )

    assert reason == "cookie_ambiguous"
    assert world.asked == []


async def test_j3_a_forged_cache_of_the_session_changes_nothing_and_goes_nowhere(
    world: BetterAuthWorld,
) -> None:
    forged = _cache_of("mallory", world.token)
    half = len(forged) // 2
    pieces = f"{CACHE}.0={forged[:half]}; {CACHE}.1={forged[half:]}; {CACHE}={forged}"

    answer = await world.me(cookie=f"{pieces}; {COOKIE}={cookie_value(world.token)}")

    assert answer.json()["user"]["name"] == "Alice Adams"
    assert _sent(world) == f"{COOKIE}={cookie_value(world.token)}"
    assert world.asked[0].url.params["disableCookieCache"] == "true"


async def test_j3_a_cache_alone_is_nobody(world: BetterAuthWorld) -> None:
    reason = await world.reason(cookie=f"{CACHE}={_cache_of('mallory', world.token)}")

    assert reason == "no_session"
    assert world.asked == []


async def test_j3_a_thousand_pieces_of_a_cache_cost_nothing(world: BetterAuthWorld) -> None:
    pieces = "; ".join(f"{CACHE}.{number}={'x' * 20}" for number in range(1000))

    answer = await world.me(cookie=f"{pieces}; {COOKIE}={cookie_value(world.token)}")

    assert answer.json()["authenticated"] is True
    assert _sent(world) == f"{COOKIE}={cookie_value(world.token)}"


async def test_j3_nothing_else_of_a_request_reaches_the_server(world: BetterAuthWorld) -> None:
    foreign = "theme=dark; __Host-netscript-session=abc; better-auth.state=x"
    await world.me(
        cookie=f"{foreign}; {COOKIE}={cookie_value(world.token)}",
        authorization="Basic YWxpY2U6c2VjcmV0",
        **{"x-forwarded-for": "203.0.113.9", "x-forwarded-host": "evil.example", "x-real-ip": "203.0.113.9"},
        origin="https://evil.example",
        referer="https://evil.example/",
    )

    for request in world.asked:
        assert set(request.headers) <= {
            *("host", "accept", "accept-encoding", "connection", "user-agent", "cookie"),
        }
        assert request.headers["cookie"] == f"{COOKIE}={cookie_value(world.token)}"


async def test_j3_without_the_secret_only_the_server_can_tell_and_is_asked() -> None:
    async with open_better_auth_world(knows_secret=False) as world:
        reason = await world.reason(cookie=f"{COOKIE}={cookie_value(world.token, 'another secret')}")

        assert reason == "session_unknown"
        assert len(world.asked) == 1


def _sent(world: BetterAuthWorld) -> str:
    return world.asked[0].headers["cookie"]


def _cache_of(person: str, token: str) -> str:
    session = good_answer(token, user__id=person, user__name=person, session__userId=person)
    document = {"session": session, "expiresAt": 4102444800000, "signature": "x" * 43}
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
