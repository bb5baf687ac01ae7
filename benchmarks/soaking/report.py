"""A soak as people and programs read it."""

from typing import Any

from benchmarks.soaking.run import Soaked

_MS = 1000


def as_table(soaked: Soaked) -> str:
    """Return a table, what became of memory, and the verdict."""
    measured = f"80 % of {soaked.saturation:,.0f}" if soaked.saturation else "as told"
    lines = [
        f"{soaked.seconds:,.0f} s at {soaked.rate:,.0f} a second ({measured})",
        f"{'':<14}{'answers':>10}{'503':>8}{'p50':>12}{'p99':>12}",
    ]
    for deed, row in _rows(soaked).items():
        p50, p99 = f"{row['p50_ms']:.1f} ms", f"{row['p99_ms']:.1f} ms"
        lines.append(f"{deed:<14}{row['answers']:>10,}{row['unavailable']:>8,}{p50:>12}{p99:>12}")
    away = ", ".join(f"{seconds:.1f} s" for seconds in soaked.away)
    lines += [
        f"the store was away {len(soaked.away)} times: {away}",
        f"{soaked.refreshes:,} tokens refreshed",
    ]
    for number, growth in enumerate(soaked.growth, start=1):
        verdict = {True: "flat", False: "GROWS", None: "too short a run to judge"}[growth.is_flat]
        sizes = f"{growth.first_mib:.1f} to {growth.last_mib:.1f} MiB, {growth.mib_per_hour:+.1f} MiB an hour"
        lines.append(f"worker {number}: {sizes}: {verdict}")
    lines += soaked.ledger.examples
    lines += [f"WRONG: {fault}" for fault in soaked.faults] or ["no wrong answer"]
    return "\n".join(lines)


def as_json(soaked: Soaked) -> dict[str, Any]:
    """Return the same for a program that keeps track."""
    return {
        "saturation_per_second": soaked.saturation,
        "rate_per_second": soaked.rate,
        "seconds": soaked.seconds,
        "deeds": _rows(soaked),
        "store_away_seconds": list(soaked.away),
        "refreshes": soaked.refreshes,
        "workers": [
            {
                "first_mib": each.first_mib,
                "last_mib": each.last_mib,
                "mib_per_hour": each.mib_per_hour,
                "is_flat": each.is_flat,
            }
            for each in soaked.growth
        ],
        "faults": soaked.faults,
    }


def _rows(soaked: Soaked) -> dict[str, dict[str, Any]]:
    ledger = soaked.ledger
    rows: dict[str, dict[str, Any]] = {}
    for deed, seconds in sorted(ledger.seconds.items()):
        ordered = sorted(seconds)
        rows[deed] = {
            "answers": len(ordered),
            "unavailable": ledger.unavailable[deed],
            "p50_ms": ordered[len(ordered) // 2] * _MS,
            "p99_ms": ordered[len(ordered) * 99 // 100] * _MS,
        }
    return rows
