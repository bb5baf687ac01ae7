"""What a manifest may not be as a whole.

Looks at its fields as they were given, so that a fault in one of them hides no other.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from netscript_kernel.plugins.faults import FaultCode, PluginFault

LATER: Final = {
    "stream_topics": "streamTopics",
    "db_schemas": "dbSchemas",
    "migrations": "migrations",
    "runtime_config_topics": "runtimeConfigTopics",
    "handlers": "handlers",
    "aspire": "aspire",
    "deploy": "deploy",
}
"""Axes that stand in the manifest but that nothing of this version consumes."""

_NAMED: Final = {
    "services": "services",
    "background_processors": "backgroundProcessors",
    "e2e": "e2e",
    "telemetry": "telemetry",
    "contract_versions": "contractVersions",
}
_IDENTITY: Final = {"contract_versions": "version"}


def faults_of_draft(label: str, draft: Mapping[str, object]) -> Iterator[PluginFault]:
    """Yield what is wrong beyond single fields.

    Args:
        label: How faults name the plugin.
        draft: By the names of Python or of JSON.
    """
    given = _mapping(draft.get("contributions"))
    yield from _not_consumed(label, draft, given)
    for axis, in_json in _NAMED.items():
        names = _names(given.get(axis, given.get(in_json)), _IDENTITY.get(axis, "name"))
        yield from _repeated(label, axis, names)
    yield from _untold(label, given.get("background_processors", given.get("backgroundProcessors")))
    if label in _mapping(draft.get("dependencies")):
        problem, fix = "names the plugin itself", "remove it"
        yield PluginFault(FaultCode.DEPENDENCY_INVALID, f"{label}: dependencies", problem, fix)


def _not_consumed(
    label: str, draft: Mapping[str, object], given: Mapping[str, object]
) -> Iterator[PluginFault]:
    used = [axis for axis, in_json in LATER.items() if given.get(axis) or given.get(in_json)]
    places = [f"contributions.{axis}" for axis in used]
    if draft.get("requires_db") or draft.get("requiresDb"):
        places.append("requires_db")
    for place in places:
        problem = "is not consumed by this version of NetScript: nothing would come of it"
        fix = "leave it out, or take a version whose changelog names it"
        yield PluginFault(FaultCode.AXIS_NOT_CONSUMED, f"{label}: {place}", problem, fix)


def _untold(label: str, processors: object) -> Iterator[PluginFault]:
    """Find processors that do several things at a time, and that no variable tells so."""
    for position, each in enumerate(_items(processors)):
        number = _field(each, "concurrency")
        variable = _field(each, "concurrency_env") or _field(each, "concurrencyEnv")
        if isinstance(number, int) and number > 1 and not variable:
            place = f"{label}: contributions.background_processors[{position}].concurrency_env"
            problem = f"is not given, so that nothing tells the process to do {number} at a time"
            fix = "name the variable by which it is told, such as NOTIFIER_CONCURRENCY"
            yield PluginFault(FaultCode.CONCURRENCY_UNTOLD, place, problem, fix)


def _repeated(label: str, axis: str, names: Iterable[str]) -> Iterator[PluginFault]:
    seen: set[str] = set()
    told: set[str] = set()
    for name in names:
        if name in seen and name not in told:
            told.add(name)
            place, problem = f"{label}: contributions.{axis}", f"has {name!r} twice"
            yield PluginFault(FaultCode.DUPLICATE_CONTRIBUTION, place, problem, "give each a name of its own")
        seen.add(name)


def _names(items: object, attribute: str) -> Iterator[str]:
    for item in _items(items):
        name = _field(item, attribute)
        if isinstance(name, str):
            yield name


def _items(value: object) -> Iterable[object]:
    return cast("Iterable[object]", value) if isinstance(value, list | tuple) else ()


def _field(item: object, name: str) -> object:
    return _mapping(item).get(name, getattr(item, name, None))


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
