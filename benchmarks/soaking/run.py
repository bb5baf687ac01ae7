"""The soak itself: saturate, go on below that, take the store away meanwhile, and look at memory."""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.serving.processes import resident_mib
from benchmarks.soaking.lane import Lane
from benchmarks.soaking.ledger import Ledger
from benchmarks.soaking.memory import Growth, growth_of
from benchmarks.soaking.people import Pace, Person, everybody
from benchmarks.soaking.site import Site, running_site
from benchmarks.soaking.truth import Outages

LANES: Final = 16
_SHARE: Final = 0.8
_GRACE_SECONDS: Final = 5.0
_AWAY_SECONDS: Final = 3.0
# Those of the development provider are good for five minutes, and sessions live for the whole run.
_TOKENS_LIVE_SECONDS: Final = 330
_SESSIONS_AT_FIRST: Final = 12
_LOOKS: Final = 300


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do.

    Attributes:
        seconds: How long the soak goes on.
        rate: Requests a second; ``None`` for 80 % of a saturation that is measured first.
        saturation_seconds: How long that takes.
        restarts: How often the store is taken away.
        seed: Of what is done.
    """

    seconds: float
    rate: float | None = None
    saturation_seconds: float = 20.0
    restarts: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of it.

    Attributes:
        saturation: Deeds a second without a pace; ``None`` where it was not measured.
        rate: Deeds a second that were aimed at.
        seconds: How long the soak took.
        away: For how many seconds the store was away, each time.
        growth: Of each worker that was there from the beginning to the end.
        workers_kept: Whether the workers at the end are those of the beginning.
        refreshes: How many tokens of the provider were refreshed.
    """

    saturation: float | None
    rate: float
    seconds: float
    ledger: Ledger
    away: Sequence[float]
    growth: Sequence[Growth]
    workers_kept: bool
    refreshes: int

    @property
    def faults(self) -> list[str]:
        """Everything that must not be; empty for a soak that was passed."""
        found = [f"{times} x {fault}" for fault, times in self.ledger.faults.most_common()]
        if not self.workers_kept:
            found.append("a worker ended")
        if self.seconds > _TOKENS_LIVE_SECONDS and not self.refreshes:
            found.append("no token of the provider was refreshed")
        found += ["the memory of a worker grows" for each in self.growth if each.is_flat is False]
        return found


async def soak(folder: Path, plan: Plan) -> Soaked:
    """Run everything, and return what came of it."""
    with running_site(folder) as site:
        people, ledger, outages = everybody(), Ledger(), Outages(_GRACE_SECONDS)
        lanes = [Lane(site.place, people, ledger, outages, Random(plan.seed + each)) for each in range(LANES)]
        try:
            for person in people:
                for _ in range(_SESSIONS_AT_FIRST):
                    await lanes[0].sign_in(person)
            saturation = None
            if plan.rate is None:
                saturation = await _saturate(lanes, ledger, plan.saturation_seconds)
            rate = plan.rate or _SHARE * (saturation or 1.0)
            return await _go_on(site, lanes, people, (ledger, outages), plan, (saturation, rate))
        finally:
            for lane in lanes:
                lane.close()


async def _saturate(lanes: Sequence[Lane], ledger: Ledger, seconds: float) -> float:
    before, begun = ledger.answers, time.monotonic()
    pace = Pace(math.inf)
    await asyncio.gather(*(lane.go_on(begun + seconds, pace) for lane in lanes))
    return (ledger.answers - before) / (time.monotonic() - begun)


async def _go_on(
    site: Site,
    lanes: Sequence[Lane],
    people: Sequence[Person],
    kept: tuple[Ledger, Outages],
    plan: Plan,
    rates: tuple[float | None, float],
) -> Soaked:
    (ledger, outages), (saturation, rate) = kept, rates
    workers, begun = site.workers(), time.monotonic()
    until, pace = begun + plan.seconds, Pace(rate)
    looks = asyncio.create_task(_look(workers, begun, plan.seconds))
    async with asyncio.TaskGroup() as group:
        group.create_task(_take_the_store_away(site, outages, begun, plan))
        for lane in lanes:
            group.create_task(lane.go_on(until, pace))
    await _wait_for_the_grace(outages)
    for person in people:
        for held in [*person.live, *person.unsure, *person.ended]:
            await lanes[0].read(held)
    growth = [growth_of(samples) for samples in (await looks).values() if samples]
    seconds = time.monotonic() - begun
    away = [ended - started for started, ended in outages.spans]
    is_same = site.workers() == workers
    return Soaked(saturation, rate, seconds, ledger, away, growth, is_same, site.refreshes())


async def _take_the_store_away(site: Site, outages: Outages, begun: float, plan: Plan) -> None:
    """Kill the store and start it again, at even distances over the run."""
    away = min(_AWAY_SECONDS, plan.seconds / (4 * (plan.restarts + 1)))
    for number in range(1, plan.restarts + 1):
        at = begun + plan.seconds * number / (plan.restarts + 1)
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        outages.begin(time.monotonic())
        site.store.kill()
        await asyncio.sleep(away)
        await asyncio.to_thread(site.store.start)
        outages.end(time.monotonic())


async def _wait_for_the_grace(outages: Outages) -> None:
    """Let the service find the store again, so that from here on nothing is excused."""
    if outages.spans:
        await asyncio.sleep(max(0.0, outages.spans[-1][1] + outages.grace - time.monotonic()))


async def _look(workers: Sequence[int], begun: float, seconds: float) -> dict[int, list[tuple[float, float]]]:
    """Look at the memory of the workers until the time is up."""
    seen: dict[int, list[tuple[float, float]]] = defaultdict(list)
    while (now := time.monotonic() - begun) < seconds:
        for worker in workers:
            with suppress(ProcessLookupError):
                seen[worker].append((now, resident_mib(worker)))
        await asyncio.sleep(seconds / _LOOKS)
    return seen
