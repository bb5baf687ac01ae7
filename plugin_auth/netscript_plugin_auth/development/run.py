"""Runs what development needs, side by side."""

import asyncio
import os
import sys
from functools import partial

from netscript_cli.supervisor.log import Log, wants_colour
from netscript_cli.supervisor.supervisor import supervise
from netscript_plugin_auth.development.plan import DevelopmentPlan


def run_development(plan: DevelopmentPlan, *, is_alone: bool = True) -> int:
    """Run it until it is told to stop, and return the exit code.

    Args:
        plan: From ``plan_development``.
        is_alone: Whether a terminal shows this; else it is part of another log, with names of its own.
    """
    return asyncio.run(_supervised(plan, is_alone=is_alone))


async def _supervised(plan: DevelopmentPlan, *, is_alone: bool) -> int:
    descriptor = sys.stdout.fileno()
    names = [each.name for each in plan.programs] if is_alone else ()
    log = Log(descriptor, names, is_coloured=wants_colour(descriptor, os.environ))
    ready = partial(_announcement, plan, is_alone=is_alone)
    return await supervise(plan.programs, log, ready, is_alone=is_alone)


def _announcement(plan: DevelopmentPlan, *, is_alone: bool) -> str:
    rows = [f"  Open {plan.address}", f"  Sign-in: {plan.provider}"]
    if is_alone:
        rows = ["", *rows, "  Stop with Ctrl-C", ""]
    return "".join(f"{row}\n" for row in rows)
