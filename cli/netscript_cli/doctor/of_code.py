"""What manifests name: whether it can be imported, whether it is what it should be, what it finds itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from netscript_cli.doctor.check import Context, Finding, Found, Tried
from netscript_cli.doctor.probes import ContractAnswer, EntrypointAnswer, ToldFinding
from netscript_cli.isolation.running import Isolation
from netscript_cli.isolation.tasks import Task
from netscript_kernel.plugins import ListedPlugin, Severity

_OURS: Final = "netscript_cli.doctor.probes"
_PROBE_ENTRYPOINT: Final = f"{_OURS}:probe_entrypoint"
_PROBE_CONTRACT: Final = f"{_OURS}:probe_contract"
_PROBE_CHECKS: Final = f"{_OURS}:probe_checks"
PROBES: Final = (_PROBE_ENTRYPOINT, _PROBE_CONTRACT, _PROBE_CHECKS)
_OF_ENTRYPOINT: Final = TypeAdapter(EntrypointAnswer)
_OF_CONTRACT: Final = TypeAdapter(ContractAnswer)
_OF_CHECKS: Final = TypeAdapter(list[ToldFinding])
_MEND: Final = "correct it, or name another in the manifest"


@dataclass(frozen=True, slots=True)
class _Wanted:
    kind: str
    subject: str
    task: Task


def try_code(isolation: Isolation, plugins: Sequence[ListedPlugin]) -> Sequence[Tried]:
    """Import everything that manifests name, and make the checks of plugins, apart from us.

    Args:
        isolation: With :data:`PROBES`, and the variables of processes of the plugins.
        plugins: Those with a valid manifest.
    """
    wanted = [each for plugin in plugins for each in _wanted(plugin)]
    outcomes = isolation.run([each.task for each in wanted])
    return [
        Tried(each.kind, each.task.owner, each.subject, outcome)
        for each, outcome in zip(wanted, outcomes, strict=True)
    ]


def look_at_entrypoints(context: Context) -> Found:
    """Find functions that cannot be imported, or that want arguments."""
    return _by_plugin(context, "entrypoint", _problems)


def look_at_contracts(context: Context) -> Found:
    """Find contracts that cannot be imported, are none, or are of another version."""
    return _by_plugin(context, "contract", _problems)


def look_at_describe(context: Context) -> Found:
    """Find contracts by which nobody can ask a service what it is."""
    return _by_plugin(context, "contract", _silent)


def look_at_own_checks(context: Context) -> Found:
    """Return what the checks of plugins find."""
    return _by_plugin(context, "checks", _own)


def _wanted(plugin: ListedPlugin) -> Iterator[_Wanted]:
    given = plugin.manifest.contributions
    named = [(f"service {each.name}", "entrypoint", each.entrypoint) for each in given.services]
    named += [
        (f"background processor {each.name}", "entrypoint", each.entrypoint)
        for each in given.background_processors
    ]
    named += [
        (f"instrumentation {each.name}", "telemetry installer", each.installer) for each in given.telemetry
    ]
    for subject, kind, entrypoint in named:
        arguments = {"entrypoint": entrypoint, "kind": kind}
        task = Task(plugin.listed, _PROBE_ENTRYPOINT, _OF_ENTRYPOINT, arguments)
        yield _Wanted("entrypoint", subject, task)
    for each in given.contract_versions:
        arguments = {"contract": each.contract, "version": each.version}
        subject = f"contract {each.version} ({each.contract})"
        task = Task(plugin.listed, _PROBE_CONTRACT, _OF_CONTRACT, arguments)
        yield _Wanted("contract", subject, task)
    if given.doctor is not None:
        arguments = {"entrypoint": given.doctor}
        task = Task(plugin.listed, _PROBE_CHECKS, _OF_CHECKS, arguments)
        yield _Wanted("checks", given.doctor, task)


def _by_plugin(context: Context, kind: str, findings: Callable[[Tried], Iterator[Finding]]) -> Found:
    found: dict[str | None, list[Finding]] = {}
    for tried in context.tried:
        if tried.kind == kind:
            found.setdefault(tried.plugin, []).extend(findings(tried))
    return found


def _problems(tried: Tried) -> Iterator[Finding]:
    outcome = tried.outcome
    if outcome.broken is not None:
        yield Finding(Severity.ERROR, f"{tried.subject} {outcome.broken}", _mend(tried))
    elif "problem" in outcome.answer:
        fix = outcome.answer.get("fix") or _MEND
        yield Finding(Severity.ERROR, f"{tried.subject}: {outcome.answer['problem']}", fix)


def _mend(tried: Tried) -> str:
    """Say what to do: what the manifest names itself is nothing to install."""
    missing = tried.outcome.missing or ""
    return _MEND if missing in tried.subject else tried.outcome.mend_import or _MEND


def _silent(tried: Tried) -> Iterator[Finding]:
    answer: ContractAnswer | None = tried.outcome.answer
    if answer is not None and answer.get("describes") is False:
        problem = f"{tried.subject} does not say what the service is"
        fix = "derive it from netscript_kernel.plugin_contract.PluginContract, which has describe"
        yield Finding(Severity.WARNING, problem, fix)


def _own(tried: Tried) -> Iterator[Finding]:
    if tried.outcome.broken is not None:
        problem = f"the checks of the plugin ({tried.subject}) could not be made: it {tried.outcome.broken}"
        yield Finding(Severity.ERROR, problem, "correct that function, or tell whoever wrote it")
        return
    findings: list[ToldFinding] = tried.outcome.answer
    for each in findings:
        yield Finding(each["severity"], each["problem"], each["fix"], each["id"])
