"""Whether the service and its parts work, found out without burdening a part that is in trouble."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any, Literal, TypeAlias

from netscript_kernel.clock import Clock
from netscript_kernel.contracts import WireModel
from netscript_kernel.errors import NetScriptError

_log = logging.getLogger("netscript.health")
_KEPT_SECONDS = 1.0

CheckStatus: TypeAlias = Literal["ok", "failed", "timeout"]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One part that the service needs.

    Attributes:
        name: Shown at ``/health``.
        check: Returns when the part works, raises when it does not.
        is_critical: Whether the service can answer nothing without it; if not, it is only told.
        limit: How long the check may take.
    """

    name: str
    check: Callable[[], Awaitable[None]]
    is_critical: bool = True
    limit: timedelta = timedelta(seconds=2)


class CheckResult(WireModel):
    """How one part is. ``reason`` is a code, never a message: messages name hosts and worse."""

    name: str
    status: CheckStatus
    critical: bool
    milliseconds: float
    reason: str | None = None


class HealthReport(WireModel):
    """How the service is: ``degraded`` when a part fails that it can do without."""

    status: Literal["ok", "degraded", "failing"]
    checks: tuple[CheckResult, ...]


class HealthMonitor:
    """Runs the checks side by side, and keeps their results for a second.

    A check that hangs is reported as ``timeout`` and is not started again until it has come back, so that
    probes cannot pile up on a part that is in trouble.
    """

    def __init__(self, checks: Sequence[HealthCheck], clock: Clock) -> None:
        names = [check.name for check in checks]
        if len(set(names)) != len(names):
            raise TypeError(f"two health checks have one name: {', '.join(sorted(names))}")
        self._checks = tuple(checks)
        self._clock = clock
        self._running: dict[str, asyncio.Task[str | None]] = {}
        self._run: asyncio.Task[HealthReport] | None = None
        self._kept: HealthReport | None = None
        self._kept_at = 0.0

    async def report(self) -> HealthReport:
        """Return how the parts are, at most a second old; callers at the same time share one run."""
        age = self._clock.unix() - self._kept_at
        if self._kept is not None and 0 <= age < _KEPT_SECONDS:
            return self._kept
        if self._run is None or self._run.done():
            self._run = asyncio.create_task(self._check_all())
        return await asyncio.shield(self._run)

    async def close(self) -> None:
        """End the checks that still hang."""
        tasks: list[asyncio.Task[Any]] = [*self._running.values(), *([self._run] if self._run else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _check_all(self) -> HealthReport:
        results = tuple(await asyncio.gather(*(self._check(check) for check in self._checks)))
        self._kept = HealthReport(status=_overall(results), checks=results)
        self._kept_at = self._clock.unix()
        return self._kept

    async def _check(self, check: HealthCheck) -> CheckResult:
        begun = perf_counter()
        status, reason = await self._outcome(check)
        if reason is not None:
            _log.warning("a health check failed", extra={"check": check.name, "reason": reason})
        return CheckResult(
            name=check.name,
            status=status,
            critical=check.is_critical,
            milliseconds=round((perf_counter() - begun) * 1000, 2),
            reason=reason,
        )

    async def _outcome(self, check: HealthCheck) -> tuple[CheckStatus, str | None]:
        hanging = self._running.get(check.name)
        if hanging is not None and not hanging.done():
            return "timeout", "still_hanging"
        task = asyncio.create_task(_reason_of(check))
        self._running[check.name] = task
        done, _ = await asyncio.wait({task}, timeout=check.limit.total_seconds())
        if not done:
            return "timeout", "timeout"
        reason = task.result()
        return ("ok", None) if reason is None else ("failed", reason)


async def _reason_of(check: HealthCheck) -> str | None:
    try:
        await check.check()
    except NetScriptError as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - a check may fail in any way; that is what it is for
        return type(error).__name__
    return None


def _overall(results: Sequence[CheckResult]) -> Literal["ok", "degraded", "failing"]:
    bad = [result for result in results if result.status != "ok"]
    if any(result.critical for result in bad):
        return "failing"
    return "degraded" if bad else "ok"
