"""Signing keys: how often a token that needs another one makes their issuer be asked."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.key_set import KeySet
from netscript_kernel.clock import SettableClock

COOLDOWN = timedelta(seconds=30)


class Issuer:
    """Publishes key ids, or is away."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.published = frozenset({"one"})
        self.is_away = False
        self.asked = 0
        self.keys = KeySet(self._fetch, self.clock, Background())

    async def _fetch(self) -> frozenset[str]:
        self.asked += 1
        if self.is_away:
            raise BackendUnavailableError("acme", "the issuer did not answer")
        return self.published


def having(key_id: str) -> Callable[[frozenset[str]], bool]:
    return lambda keys: key_id in keys


async def test_a_key_that_was_not_there_is_looked_for_once_per_cooldown() -> None:
    issuer = Issuer()

    found = [await issuer.keys.refetch_for(having(f"made-up-{turn}")) for turn in range(5)]

    assert (found, issuer.asked) == ([issuer.published, None, None, None, None], 1)
    issuer.clock.advance(COOLDOWN)
    assert await issuer.keys.refetch_for(having("made-up")) == issuer.published


async def test_an_issuer_that_is_away_is_asked_once_per_cooldown_and_nobody_is_told_no() -> None:
    issuer = Issuer()
    await issuer.keys.get()
    issuer.is_away = True

    for turn in range(5):
        with pytest.raises(BackendUnavailableError, match="the issuer did not answer"):
            await issuer.keys.refetch_for(having(f"made-up-{turn}"))

    assert issuer.asked == 2
    issuer.clock.advance(COOLDOWN)
    with pytest.raises(BackendUnavailableError):
        await issuer.keys.refetch_for(having("made-up"))
    assert issuer.asked == 3


async def test_who_has_to_wait_for_an_issuer_that_was_away_is_told_how_long() -> None:
    issuer = Issuer()
    issuer.is_away = True
    with pytest.raises(BackendUnavailableError):
        await issuer.keys.refetch_for(having("two"))
    issuer.clock.advance(timedelta(seconds=10))

    with pytest.raises(BackendUnavailableError) as refusal:
        await issuer.keys.refetch_for(having("two"))

    assert refusal.value.retry_after == timedelta(seconds=20)


async def test_an_issuer_that_is_back_is_followed_once_the_cooldown_is_over() -> None:
    issuer = Issuer()
    issuer.is_away = True
    with pytest.raises(BackendUnavailableError):
        await issuer.keys.refetch_for(having("two"))
    issuer.is_away, issuer.published = False, frozenset({"one", "two"})
    issuer.clock.advance(COOLDOWN)

    assert await issuer.keys.refetch_for(having("two")) == issuer.published

    issuer.published = frozenset({"three"})
    assert await issuer.keys.refetch_for(having("three")) == issuer.published
