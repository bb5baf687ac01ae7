"""Catalogue K2 and K3, second order: keys that change while the service runs, and how far one key reaches."""

import os
from itertools import combinations

import pytest

from netscript_auth_kv_oauth.sessions.sessions import LONGEST_SESSION
from netscript_kernel.errors import SealError
from netscript_kernel.keyring import KeyRing
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.world import NEW_KEY, OLD_KEY, World
from tests.support.web_browser import WebBrowser

# NIST SP 800-38D section 8.3: at most so many random nonces under one key of AES-GCM.
MOST_NONCES = 2**32
NONCE = slice(9, 21)
MANY = 2_000


@pytest.mark.parametrize(("begun", "ended"), [(0, 1), (1, 0)], ids=["old first", "new first"])
async def test_k2_while_workers_change_keys_one_after_the_other_either_finishes_what_the_other_began(
    world: World, begun: int, ended: int
) -> None:
    workers = [await world.add_worker(keys) for keys in ((OLD_KEY, NEW_KEY), (NEW_KEY, OLD_KEY))]
    browser, later = world.browser(workers[begun]), world.browser(workers[ended])
    callback = await world.agree(browser)
    later.jar = browser.jar

    await world.come_back(later, callback)

    assert await world.who(browser) == await world.who(later) == "Alice Example"


async def test_k2_a_form_that_was_posted_under_the_old_key_re_enters_under_the_new_one(
    world: World, victim: WebBrowser
) -> None:
    form = await world.idp.sign_in_by_form(f"{await world.begin(victim)}&response_mode=form_post")
    posted = await victim.submit(form.action, [*form.fields, ("user", "{}")])
    later = world.browser(await world.add_worker((NEW_KEY, OLD_KEY)))
    later.jar = victim.jar

    await later.open(posted.headers["location"])

    assert await world.who(later) == "Alice Example"
    assert later.jar.names("__Host-netscript-flash") == []


async def test_k2_a_key_that_is_only_appended_reads_and_does_not_write_yet(world: World) -> None:
    appended = KeyRing([OLD_KEY, NEW_KEY])

    sealed = appended.seal(b"x", purpose="auth/grant", record_id="h")

    assert KeyRing([OLD_KEY]).open(sealed, purpose="auth/grant", record_id="h") == b"x"
    with pytest.raises(SealError):
        KeyRing([NEW_KEY]).open(sealed, purpose="auth/grant", record_id="h")


async def test_k2_a_grant_that_was_put_in_the_place_of_another_ones_is_not_opened() -> None:
    async with open_world(scopes=OFFLINE) as world:
        alice, bob = world.browser(), world.browser()
        await world.sign_in(alice, "alice")
        await world.sign_in(bob, "bob")
        handles = [await world.handle(browser) for browser in (alice, bob)]
        entries = [await world.store.get(f"auth/grant/{handle}") for handle in handles]
        values = [entry.value for entry in entries if entry]

        for handle, value in zip(handles, reversed(values), strict=True):
            with pytest.raises(SealError):
                KeyRing([OLD_KEY]).open(value, purpose="auth/grant", record_id=handle)


def test_k3_two_records_share_no_key_stream_even_under_the_same_nonce(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    ring, text = KeyRing([OLD_KEY]), b"\x00" * 64
    places = [("auth/grant", "a"), ("auth/grant", "b"), ("auth/flow", "a"), ("auth/gran", "ta")]

    streams = [ring.seal(text, purpose=purpose, record_id=record)[21:] for purpose, record in places]

    for one, other in combinations(streams, 2):
        assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) // 4


def test_k3_no_record_is_written_as_often_as_one_key_bears() -> None:
    # A grant is sealed anew with each refresh, which no session has more than once a second.
    writes = LONGEST_SESSION.total_seconds()

    assert writes < MOST_NONCES / 2**6


def test_k3_of_many_seals_of_one_record_no_two_have_the_same_nonce() -> None:
    ring = KeyRing([OLD_KEY])

    sealed = [ring.seal(b"x", purpose="auth/grant", record_id="h") for _ in range(MANY)]

    assert len({each[NONCE] for each in sealed}) == MANY


async def test_k3_the_grants_of_many_sign_ins_have_nonces_and_keys_of_their_own() -> None:
    async with open_world(scopes=OFFLINE) as world:
        for _ in range(20):
            await world.sign_in(world.browser())

        grants = [await world.store.get(key) for key in world.store.made if key.startswith("auth/grant/")]
        nonces = {entry.value[NONCE] for entry in grants if entry}
        assert len(nonces) == len(grants) == 20
