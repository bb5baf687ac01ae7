"""Catalogue A1 and A2: several sign-ins in one browser, and those that are left."""

from tests.attacks.oracle import refused
from tests.attacks.world import SIGNIN, World
from tests.support.auth_api import FLOW_PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser


async def test_a1_two_tabs_finished_in_reverse_order_both_succeed(either_store: World) -> None:
    browser = either_store.browser()
    first = await either_store.agree(browser, "alice")
    second = await either_store.agree(browser, "bob")

    answers = [await either_store.come_back(browser, callback) for callback in (second, first)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await either_store.who(browser) == "Alice Example"


async def test_a1_the_session_that_the_later_tab_replaced_is_over(world: World, victim: WebBrowser) -> None:
    first = await world.agree(victim, "alice")
    await world.sign_in(victim, "bob")
    copied = str(victim.jar.value(SESSION_COOKIE))

    await world.come_back(victim, first)

    assert await world.who(victim) == "Alice Example"
    thief = world.browser()
    thief.jar.plant(thief.home, SESSION_COOKIE, copied)
    assert await world.who(thief) is None


async def test_a1_five_tabs_can_be_finished_in_any_order(world: World, victim: WebBrowser) -> None:
    people = ["alice", "bob", "unverified", "no-email", "alice"]
    tabs = [await world.agree(victim, person) for person in people]

    answers = [await world.come_back(victim, tabs[position]) for position in (3, 0, 4, 2, 1)]

    assert {answer.status_code for answer in answers} == {303}
    assert await world.who(victim) == "Bob Example"
    assert victim.jar.names(FLOW_PREFIX) == []


async def test_a1_a_sixth_tab_costs_the_oldest_one_its_sign_in_and_no_other(
    world: World, victim: WebBrowser
) -> None:
    oldest, *others = [await world.agree(victim) for _ in range(6)]

    await refused(world, world.come_back(victim, oldest), 403, "flow_not_bound")

    answers = [await world.come_back(victim, callback) for callback in others]
    assert {answer.status_code for answer in answers} == {303}


async def test_a2_a_session_lives_on_while_another_sign_in_is_begun_and_left(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    token = victim.jar.value(SESSION_COOKIE)

    answer = await victim.open(SIGNIN)

    assert not [line for line in answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE)]
    assert victim.jar.value(SESSION_COOKIE) == token
    assert await world.who(victim) == "Alice Example"


async def test_a2_a_session_lives_on_when_the_person_cancels_at_the_provider(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    callback = await world.idp.cancel(await world.begin(victim))

    await refused(world, world.come_back(victim, callback), 403, "access_denied")

    assert await world.who(victim) == "Alice Example"
