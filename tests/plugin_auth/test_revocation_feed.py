"""``GET /revocations``: a secret of a service lets listen, and nothing else does."""

import asyncio
import logging
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.revocation_log import revoked_put
from netscript_plugin_auth.revocations.credentials import ServiceCredentials, parse_credentials
from tests.plugin_auth.feed_listener import PATH, FeedListener, bearer
from tests.support.auth_api import SESSION_COOKIE, running_auth_api

ORDERS, NEXT, REPORTS = "o" * 43, "n" * 43, "r" * 64
CREDENTIALS = f"orders:{ORDERS}, reports:{REPORTS},orders:{NEXT}"


async def test_a_service_hears_of_sessions_that_end() -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
        await api.store.commit(puts=[revoked_put("session-one", api.clock.now())])

        listener = await FeedListener(api.service.app, bearer(REPORTS)).ready()
        await listener.leave()

    assert listener.status == 200
    assert listener.events == ["session-one", "ready"]
    assert listener.headers["content-type"].startswith("text/event-stream")
    assert listener.headers["cache-control"] == "no-store"
    assert listener.headers["x-accel-buffering"] == "no"
    assert "content-length" not in listener.headers


@pytest.mark.parametrize("secret", [ORDERS, NEXT], ids=["of now", "of next"])
async def test_while_a_secret_is_replaced_both_let_listen(secret: str) -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
        listener = await FeedListener(api.service.app, bearer(secret)).ready()
        await listener.leave()

    assert listener.status == 200


WRONG = {
    "nothing": [],
    "another secret": [bearer("x" * 43)],
    "a name": [bearer("orders")],
    "name and secret": [bearer(f"orders:{ORDERS}")],
    "half a secret": [bearer(ORDERS[:42])],
    "a secret and more": [bearer(ORDERS + "o")],
    "a longer line": [bearer(f"{ORDERS} {ORDERS}")],
    "two headers": [bearer(ORDERS), bearer(ORDERS)],
    "another scheme": [("authorization", f"Basic {ORDERS}")],
    "another header": [("x-authorization", f"Bearer {ORDERS}")],
    "a cookie": [("cookie", f"{SESSION_COOKIE}={ORDERS}")],
    "not ASCII": [("authorization", "Bearer " + "\xe9" * 43)],
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
async def test_who_has_no_secret_in_the_one_header_is_refused(headers: list[tuple[str, str]]) -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
        listener = await FeedListener(api.service.app, *headers).ended()

    assert listener.status == 401
    assert listener.headers["www-authenticate"] == "Bearer"
    assert ORDERS not in listener.text


@pytest.mark.parametrize("name", ["access_token", "token", "authorization"])
async def test_a_secret_in_the_address_lets_nobody_listen(name: str) -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
        listener = await FeedListener(api.service.app, query=f"{name}={ORDERS}").ended()

    assert listener.status == 401


async def test_who_is_signed_in_may_not_listen() -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api, api.browser() as browser:
        await api.sign_in(browser)

        assert (await browser.get(PATH)).status_code == httpx.codes.UNAUTHORIZED


async def test_where_no_service_is_named_nobody_may_listen() -> None:
    async with running_auth_api() as api, api.program() as program:
        answer = await program.get(PATH, headers=dict([bearer(ORDERS)]))

    assert (answer.status_code, answer.json()["code"]) == (501, "AUTH_OPERATION_UNSUPPORTED")
    assert "NETSCRIPT_AUTH_SERVICE_CREDENTIALS" in answer.json()["data"]["reason"]


async def test_guesses_are_limited_and_a_service_that_comes_again_is_not() -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS, RATE_LIMIT="10/m") as api:
        app = api.service.app
        guesses = [await FeedListener(app, bearer("x" * 43)).ended() for _ in range(11)]

        known = await FeedListener(app, bearer(ORDERS)).ready()
        await known.leave()

    assert [guess.status for guess in guesses] == [401] * 10 + [429]
    assert known.status == 200


async def test_while_the_store_is_away_nobody_can_begin_to_listen() -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api, api.outage():
        away = await FeedListener(api.service.app, bearer(ORDERS)).ended()

    assert (away.status, away.headers["retry-after"]) == (503, "1")


async def test_a_head_request_keeps_no_stream_open() -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
        async with asyncio.timeout(60):
            asked = await FeedListener(api.service.app, bearer(ORDERS), method="HEAD").ended()

    assert (asked.status, asked.text) == (200, "")


async def test_a_stop_waits_for_no_stream() -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
        listener = await FeedListener(api.service.app, bearer(ORDERS)).ready()

        async with asyncio.timeout(60):
            await api.service.stop()
            await listener.ended()

        assert listener.is_over
        assert api.service.in_flight == 0


async def test_no_secret_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
            await FeedListener(api.service.app, bearer("x" * 43), query=f"token={ORDERS}").ended()
            await (await FeedListener(api.service.app, bearer(ORDERS)).ready()).leave()

    told = str([vars(record) for record in caplog.records])
    assert PATH in told
    assert ORDERS not in told
    assert "x" * 43 not in told


@pytest.mark.parametrize("told", ["", "-1", "1e3", "\u0661", "9" * 11, "1\r\nx: y", "0x10", "1, 2"])
async def test_an_id_that_is_none_of_ours_leaves_nothing_out(told: str) -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api:
        await api.store.commit(puts=[revoked_put("session-one", api.clock.now())])
        api.clock.advance(timedelta(minutes=10))
        headers = (bearer(ORDERS), ("last-event-id", told.encode().decode("latin-1")))

        listener = await FeedListener(api.service.app, *headers).ready()
        await listener.leave()

    assert listener.events == ["session-one", "ready"]


async def test_describe_says_that_there_is_a_feed() -> None:
    async with running_auth_api(SERVICE_CREDENTIALS=CREDENTIALS) as api, api.program() as program:
        described = (await program.get("/api/v1/auth/describe")).json()

    assert "revocations" in described["routeGroups"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "number 1, that is no name and secret"),
        (ORDERS, "number 1, that is no name and secret"),
        (f"orders:{ORDERS},", "number 2, that is no name and secret"),
        (f"Orders:{ORDERS}", "number 1, whose name"),
        (f":{ORDERS}", "number 1, whose name"),
        (f"orders:{ORDERS[:42]}", "number 1, whose secret is not at least 32 bytes"),
        (f"orders:{ORDERS[:42]}=", "number 1, whose secret is not at least 32 bytes"),
        (f"orders:a:{ORDERS}", "number 1, whose secret is not at least 32 bytes"),
        (f"orders:{ORDERS},reports:{ORDERS}", "number 2, whose secret was named before"),
    ],
)
def test_a_wrong_entry_is_told_by_its_number_and_not_repeated(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as refused:
        parse_credentials(text)

    assert ORDERS[:20] not in str(refused.value)


def test_a_service_is_known_by_its_secret_alone() -> None:
    credentials = ServiceCredentials(parse_credentials(CREDENTIALS))

    assert [credentials.name_of([f"bearer  {each}"]) for each in (ORDERS, NEXT, REPORTS)] == [
        "orders",
        "orders",
        "reports",
    ]
    assert ORDERS not in repr(vars(credentials))
