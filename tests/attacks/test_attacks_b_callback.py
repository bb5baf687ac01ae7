"""Catalogue B3, B6 and B7: what the parameters of a callback may be, and whose they are."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.attacks.addresses import query_of, replaced, with_query
from tests.attacks.oracle import expect_no_secret, refused, secrets_of
from tests.attacks.world import CALLBACK, EVIL, ISSUER, OTHER_ISSUER, World
from tests.support.auth_api import FLOW_PREFIX
from tests.support.web_browser import WebBrowser

NOT_BOUND = (403, "flow_not_bound")


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        ([], "parameter_missing"),
        ([""], "parameter_missing"),
        (["OWN", "OWN"], "parameter_repeated"),
        (["OWN", "b"], "parameter_repeated"),
        (["a", "OWN"], "parameter_repeated"),
        (["s" * 8192], "parameter_malformed"),
        (["OWN\x00"], "parameter_malformed"),
        (["OWN\n"], "parameter_malformed"),
        (["\u00f6"], "parameter_malformed"),
    ],
    ids=repr,
)
async def test_b3_a_state_that_is_not_one_sound_value_is_refused(
    world: World, victim: WebBrowser, states: list[str], reason: str
) -> None:
    callback = await world.agree(victim)
    own = query_of(callback)["state"]
    address = replaced(callback, "state", *(state.replace("OWN", own) for state in states))

    await refused(world, victim.open(address), 422, reason)

    assert world.asked_for_tokens() == 0


@pytest.mark.parametrize("state", ["another-one", "OWN=", "OWN%20", "own", "[]", "null"])
async def test_b3_a_state_that_is_not_quite_ours_matches_nothing(
    world: World, victim: WebBrowser, state: str
) -> None:
    callback = await world.agree(victim)
    own = query_of(callback)["state"]
    close = state.replace("OWN", own).replace("own", own.swapcase())

    await refused(world, victim.open(replaced(callback, "state", close)), 403, "state_mismatch")

    assert world.asked_for_tokens() == 0


@pytest.mark.parametrize("name", ["code", "iss", "error", "error_description", "error_uri"])
async def test_b3_no_other_parameter_may_come_twice_either(
    world: World, victim: WebBrowser, name: str
) -> None:
    callback = await world.agree(victim)
    twice = [*query_of(callback).items(), (name, "x"), (name, "x")]

    await refused(world, victim.open(with_query(callback, twice)), 422, "parameter_repeated")

    assert world.asked_for_tokens() == 0


@pytest.mark.parametrize("query", ["%", "%zz", "state=%ff", "state=%ed%a0%80", "&" * 51 + "a=b", "state[]=x"])
async def test_b3_a_query_that_cannot_be_read_is_refused_not_guessed(
    world: World, victim: WebBrowser, query: str
) -> None:
    answer = await victim.open(f"{CALLBACK}?{query}")

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert world.asked_for_tokens() == 0


async def test_b3_a_posted_answer_takes_nothing_from_the_address_it_was_posted_to(
    world: World, victim: WebBrowser
) -> None:
    callback = await world.agree(victim)
    fields = list(query_of(callback).items())

    answer = await victim.submit(f"{CALLBACK}?state=attackers&code=attackers&iss={EVIL}", fields)

    assert parse_qsl(urlsplit(answer.headers["location"]).query) == fields


async def test_b6_a_code_of_one_provider_is_never_shown_to_another(two_providers: World) -> None:
    world, victim = two_providers, two_providers.browser()
    at_first = await world.begin(victim, providerId="first")
    state = query_of(at_first)["state"]
    at_second = await world.begin(victim, providerId="second")
    code = query_of(await world.idps["second"].sign_in(at_second))["code"]
    mixed = [("code", code), ("state", state)]

    for path in ("second", "", "first/", "FIRST", "first%2f"):
        address = with_query(f"{CALLBACK}/{path}".rstrip("/") if not path else f"{CALLBACK}/{path}", mixed)
        answer = await victim.open(address)
        assert answer.status_code in {403, 404}, path

    assert world.asked_for_tokens() == 0
    assert world.store.sessions_since(0) == []


@pytest.mark.parametrize("path", ["/second", ""])
async def test_b6_the_path_of_the_callback_must_be_that_of_the_flows_provider(
    two_providers: World, path: str
) -> None:
    world, victim = two_providers, two_providers.browser()
    callback = await world.agree(victim, providerId="first")
    elsewhere = with_query(f"{CALLBACK}{path}", list(query_of(callback).items()))

    await refused(world, victim.open(elsewhere), 403, "provider_mismatch")

    assert world.asked_for_tokens() == 0
    await world.come_back(victim, callback)
    assert await world.who(victim) == "Alice Example", "the right path still leads in"


async def test_b6_swapped_flow_cookies_bind_neither_flow(two_providers: World) -> None:
    world, victim = two_providers, two_providers.browser()
    callback = await world.agree(victim, providerId="first")
    await world.begin(victim, providerId="second")
    one, other = victim.jar.names(FLOW_PREFIX)
    values = str(victim.jar.value(one)), str(victim.jar.value(other))

    victim.jar.plant(victim.home, one, values[1])
    victim.jar.plant(victim.home, other, values[0])

    await refused(world, victim.open(callback), *NOT_BOUND)
    assert world.asked_for_tokens() == 0


ISSUERS = {
    EVIL: "iss_mismatch",
    OTHER_ISSUER: "iss_mismatch",
    f"{ISSUER}/": "iss_mismatch",
    ISSUER.upper(): "iss_mismatch",
    f"{ISSUER}:443": "iss_mismatch",
    f" {ISSUER}": "iss_mismatch",
    f"{ISSUER}\x00": "parameter_malformed",
    "https://id\u0440.localhost": "parameter_malformed",
    "": "parameter_missing",
    None: "iss_missing",
    (ISSUER, ISSUER): "parameter_repeated",
    (EVIL, ISSUER): "parameter_repeated",
    (ISSUER, EVIL): "parameter_repeated",
}


@pytest.mark.parametrize(("iss", "reason"), ISSUERS.items(), ids=ascii)
async def test_b7_an_answer_in_another_issuers_name_is_refused_before_the_token_request(
    two_providers: World, iss: str | tuple[str, str] | None, reason: str
) -> None:
    world, victim = two_providers, two_providers.browser()
    callback = await world.agree(victim, providerId="first")
    values = iss if isinstance(iss, tuple) else () if iss is None else (iss,)
    status = 422 if reason.startswith("parameter") else 403

    await refused(world, victim.open(replaced(callback, "iss", *values)), status, reason)

    assert world.asked_for_tokens() == 0


async def test_b7_an_issuer_cannot_be_smuggled_in_by_a_posted_answer(
    world: World, victim: WebBrowser
) -> None:
    callback = replaced(await world.agree(victim), "iss", EVIL)

    answer = await victim.submit(CALLBACK, list(query_of(callback).items()), of_page=ISSUER)

    await refused(world, victim.follow(answer), 403, "iss_mismatch")
    assert world.asked_for_tokens() == 0


async def test_b7_after_a_wrong_issuer_the_flow_is_used_up(world: World, victim: WebBrowser) -> None:
    callback = await world.agree(victim)
    await refused(world, victim.open(replaced(callback, "iss", EVIL)), 403, "iss_mismatch")

    await refused(world, victim.open(callback), 409, "flow_used")

    expect_no_secret(secrets_of(world), world.log.texts, "the log")
