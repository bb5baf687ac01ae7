"""The store: there, fit for the profile, and with every key that it needs."""

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from netscript_auth_core.checks import Check, Finding, Severity, clock_findings
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock
from netscript_kernel.errors import ConfigurationError, StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.urls import VARIABLE, store_file
from netscript_plugin_auth.commands.keys import all_sealed
from netscript_plugin_auth.configuration import Configuration
from netscript_plugin_auth.doctor.keys import missing_keys
from netscript_plugin_auth.opening import opened_parts
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.shared_store import require_a_shared_store
from netscript_plugin_auth.store_findings import store_findings

_OPEN_TO_OTHERS = 0o077
_MOUNTS = Path("/proc/mounts")
# SQLite's locks and its shared memory do not work across machines.
_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "glusterfs", "ceph"})


def store_checks(configuration: Configuration, clock: Clock) -> Sequence[Check]:
    """Return the checks of the store that is configured."""
    settings = configuration.service
    url = settings.kv_url.get_secret_value()
    checks = [
        Check("store.reachable", partial(_reachable, configuration)),
        Check("store.kind", partial(_kind, settings)),
    ]
    path = store_file(url, data_dir=settings.data_dir)
    if path is not None:
        checks.append(Check("store.file", partial(_file, path)))
    if url.startswith("redis"):
        checks.append(Check("store.redis", partial(_redis, url, clock)))
    return checks


async def _reachable(configuration: Configuration) -> Sequence[Finding]:
    """Open it as the service does, and see that no key is missing; nothing that is not there is made."""
    try:
        require_a_shared_store(configuration.service)
    except ConfigurationError:
        problem = "there is no store yet that could be looked into"
        return (Finding(Severity.NOTICE, problem, "start the service, which makes it, and ask again"),)
    try:
        async with opened_parts(configuration) as parts:
            return await missing_keys(all_sealed(parts))
    except (StoreUnavailableError, StoreCorruptError, BackendUnavailableError) as error:
        return (Finding(Severity.ERROR, str(error), f"see to the store that {VARIABLE} names"),)


async def _kind(settings: AuthServiceSettings) -> Sequence[Finding]:
    return tuple(store_findings(settings))


async def _file(path: Path) -> Sequence[Finding]:
    return await asyncio.to_thread(_judge_file, path)


def _judge_file(path: Path) -> Sequence[Finding]:
    findings: list[Finding] = []
    if path.exists() and os.name != "nt" and path.stat().st_mode & _OPEN_TO_OTHERS:
        problem = "the file of the store is open to other users of this machine"
        findings.append(Finding(Severity.ERROR, problem, "chmod 600 on it, and on those beside it"))
    if _MOUNTS.exists() and file_system(path.absolute(), _MOUNTS.read_text()) in _REMOTE:
        problem = "the file of the store lies on a network file system, where SQLite loses or breaks records"
        findings.append(Finding(Severity.ERROR, problem, "name a file on a local disk, or use Redis"))
    return findings


def file_system(path: Path, mounts: str) -> str:
    """Return the type of file system that a path is on, by a table such as ``/proc/mounts``."""
    rows = [line.split() for line in mounts.splitlines() if len(line.split()) > 2]
    above = [(row[1], row[2]) for row in rows if path.is_relative_to(row[1].replace("\\040", " "))]
    return max(above, key=lambda each: len(each[0]), default=("", ""))[1]


async def _redis(url: str, clock: Clock) -> Sequence[Finding]:
    from netscript_kernel.kv.redis.condition import ask_condition
    from netscript_kernel.kv.redis_address import read_redis_address

    try:
        found = await ask_condition(read_redis_address(url))
    except StoreUnavailableError as error:
        return (Finding(Severity.WARNING, str(error), "let its user run +info and +time"),)
    findings = list(clock_findings("the Redis server", found.time, clock.now()))
    if found.eviction.startswith("allkeys-"):
        problem = f"its maxmemory-policy is {found.eviction}: it forgets sessions while they are valid"
        findings.append(Finding(Severity.ERROR, problem, "set maxmemory-policy noeviction"))
    if not found.keeps_a_log:
        problem = "it keeps no append-only file: with the server, sessions since its last snapshot are gone"
        findings.append(Finding(Severity.WARNING, problem, "set appendonly yes"))
    if found.has_failed_to_save:
        problem = "its last attempt to save what it holds failed"
        findings.append(Finding(Severity.ERROR, problem, "read its log: most often its disk is full"))
    return findings
