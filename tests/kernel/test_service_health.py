"""Health tells what works, and never burdens what does not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.service.health import HealthCheck, HealthMonitor
from tests.kernel.sample_service import browsing, sample_service

AT_ONCE = timedelta(0)


class Part:
    """Something to be checked: works, fails, or hangs until it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked = 0
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def check(self) -> None:
        self.asked += 1
        await self.let_go.wait()
        if self.error:
            raise self.error

    def hang(self) -> None:
        self.let_go.clear()


async def test_health_tells_each_part() -> None:
    down = Part(StoreUnavailableError("redis://secret@host", "refused"))
    checks = [HealthCheck("disk", Part().check), HealthCheck("store", down.check)]

    async with browsing(sample_service(health_checks=checks).app) as http:
        answer = await http.get("/health")

    fields = answer.json()
    assert (answer.status_code, fields["status"]) == (503, "failing")
    assert [(each["name"], each["status"]) for each in fields["checks"]] == [
        ("disk", "ok"),
        ("store", "failed"),
    ]
    assert fields["checks"][1]["reason"] == "store_unavailable"
    assert fields["checks"][1]["critical"] is True
    assert "secret" not in answer.text


async def test_any_error_fails_a_check_and_only_its_kind_is_told() -> None:
    checks = [HealthCheck("odd", Part(ValueError("hunter2")).check)]

    async with browsing(sample_service(health_checks=checks).app) as http:
        answer = await http.get("/health")

    assert answer.json()["checks"][0]["reason"] == "ValueError"
    assert "hunter2" not in answer.text


async def test_a_failing_part_that_is_not_critical_degrades() -> None:
    checks = [HealthCheck("mail", Part(OSError()).check, is_critical=False)]

    async with browsing(sample_service(health_checks=checks).app) as http:
        health, ready = await http.get("/health"), await http.get("/health/ready")

    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_a_failing_critical_part_makes_the_service_unready_but_not_dead() -> None:
    checks = [HealthCheck("store", Part(OSError()).check)]

    async with browsing(sample_service(health_checks=checks).app) as http:
        ready, live = await http.get("/health/ready"), await http.get("/health/live")

    assert (ready.status_code, ready.json()) == (503, {"status": "failing"})
    assert (live.status_code, live.json()) == (200, {"status": "live"})


async def test_a_hanging_check_is_a_timeout_and_is_not_started_again_while_it_hangs() -> None:
    clock, part = SettableClock(), Part()
    monitor = HealthMonitor([HealthCheck("store", part.check, limit=AT_ONCE)], clock)
    part.hang()

    first = await monitor.report()
    clock.advance(timedelta(seconds=2))
    second = await monitor.report()
    asked_while_hanging = part.asked
    part.let_go.set()
    await asyncio.sleep(0)
    clock.advance(timedelta(seconds=2))
    await monitor.report()

    assert [first.checks[0].status, second.checks[0].status] == ["timeout", "timeout"]
    assert second.checks[0].reason == "still_hanging"
    assert asked_while_hanging == 1
    assert part.asked == 2
    await monitor.close()


async def test_one_hanging_check_does_not_hold_up_the_others() -> None:
    hanging, working = Part(), Part()
    checks = [
        HealthCheck("a", hanging.check, limit=timedelta(milliseconds=1)),
        HealthCheck("b", working.check),
    ]
    monitor = HealthMonitor(checks, SettableClock())
    hanging.hang()

    report = await monitor.report()

    assert [check.status for check in report.checks] == ["timeout", "ok"]
    await monitor.close()


async def test_results_are_kept_for_a_second() -> None:
    clock, part = SettableClock(), Part()
    monitor = HealthMonitor([HealthCheck("store", part.check)], clock)

    await monitor.report()
    clock.advance(timedelta(milliseconds=999))
    await monitor.report()
    asked_within = part.asked
    clock.advance(timedelta(milliseconds=1))
    await monitor.report()

    assert (asked_within, part.asked) == (1, 2)


async def test_probes_at_the_same_time_share_one_run() -> None:
    part = Part()
    monitor = HealthMonitor([HealthCheck("store", part.check)], SettableClock())

    await asyncio.gather(*(monitor.report() for _ in range(20)))

    assert part.asked == 1


async def test_closing_ends_what_hangs() -> None:
    part = Part()
    monitor = HealthMonitor([HealthCheck("store", part.check, limit=AT_ONCE)], SettableClock())
    part.hang()
    await monitor.report()

    await monitor.close()

    names = {task.get_coro() for task in asyncio.all_tasks()}
    assert not [name for name in names if "_reason_of" in repr(name)]


def test_two_checks_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="store"):
        HealthMonitor(
            [HealthCheck("store", Part().check), HealthCheck("store", Part().check)], SettableClock()
        )


@asynccontextmanager
async def part_of_service() -> AsyncGenerator[None]:
    yield


async def test_readiness_follows_the_life_of_the_service() -> None:
    service = sample_service(lifespan=[part_of_service])

    async with browsing(service.app) as http:
        starting = await http.get("/health/ready")
        await service.start()
        ready = await http.get("/health/ready")
        await service.stop()
        stopped = await http.get("/health/ready")

    assert [answer.status_code for answer in (starting, ready, stopped)] == [503, 200, 503]
    assert [answer.json()["status"] for answer in (starting, ready, stopped)] == [
        "starting",
        "ready",
        "draining",
    ]
