"""A manifest is data: checked as a whole, immutable to its depths, the same after a trip through JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from netscript_kernel.contracts import Contract, get
from netscript_kernel.plugins import (
    FaultCode,
    PluginBuilder,
    PluginFault,
    PluginInvalidError,
    PluginManifest,
    define_plugin,
    inspect_plugin,
    read_manifest,
    read_manifest_json,
)

MAIN = "plugins.notifier.service:main"


class NotesV1(Contract, name="notes", version="v1", prefix="/api/v1/notes"):
    list_notes = get("/")


def notifier() -> PluginBuilder:
    return define_plugin("notifier", "0.1.0")


def full() -> PluginManifest:
    return (
        notifier()
        .with_kind("worker")
        .with_display_name("Notifier")
        .with_description("Delivers notifications.")
        .with_author("Acme Platform Team")
        .with_license("MIT")
        .with_tags("mail", "push")
        .with_metadata({"docs": {"pages": ["a", "b"]}, "rank": 1})
        .with_requirements(kv=True)
        .with_dependencies({"streams": True, "auth": ">=0.1,<1"})
        .with_service("notifier-api", MAIN, port=8095)
        .with_background_processor("notifier-jobs", MAIN, concurrency=2, concurrency_env="NOTIFIER_JOBS")
        .with_contract_versions([NotesV1, {"version": "v2", "contract": "acme.notes:NotesV2"}])
        .with_e2e([{"name": "notifier.smoke", "command": "python -m pytest tests"}])
        .with_telemetry([{"name": "sql", "installer": "acme.telemetry:install"}])
        .with_doctor("acme.doctor:checks")
        .build()
    )


def faults_of(build: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(PluginInvalidError) as raised:
        build()
    return [(fault.code.value, fault.place) for fault in raised.value.faults]


def test_a_manifest_is_the_same_after_a_trip_through_json() -> None:
    manifest = full()

    returned = read_manifest_json(manifest.to_json())

    assert returned == manifest
    assert returned.to_json() == manifest.to_json()


def test_json_has_the_names_of_the_wire_and_nothing_that_is_as_by_default() -> None:
    manifest = notifier().with_service("notifier-api", MAIN, port=8095).build()

    written = manifest.model_dump(by_alias=True, exclude_defaults=True)

    assert written == {
        "name": "notifier",
        "version": "0.1.0",
        "contributions": {"services": ({"name": "notifier-api", "entrypoint": MAIN, "port": 8095},)},
    }


def test_each_step_returns_a_new_builder() -> None:
    before = notifier()

    after = before.with_service("notifier-api", MAIN, port=8095)

    assert before.build().contributions.services == ()
    assert len(after.build().contributions.services) == 1


def test_lists_grow_with_each_step() -> None:
    manifest = (
        notifier()
        .with_service("one", MAIN, port=8095)
        .with_service("two", MAIN, port=8096)
        .with_dependencies({"auth": True})
        .with_dependencies({"streams": True})
        .build()
    )

    assert [each.name for each in manifest.contributions.services] == ["one", "two"]
    assert dict(manifest.dependencies) == {"auth": "", "streams": ""}


def test_a_manifest_is_immutable_to_its_depths() -> None:
    manifest = full()

    with pytest.raises(ValidationError):
        manifest.name = "other"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError):
        manifest.contributions.services[0].port = 1  # pyright: ignore[reportAttributeAccessIssue]
    for mapping in (manifest.metadata, manifest.metadata["docs"], manifest.dependencies):
        with pytest.raises(TypeError):
            mapping["x"] = "y"  # type: ignore[index]
    assert manifest.metadata["docs"]["pages"] == ("a", "b")


def test_what_the_author_changes_afterwards_changes_no_manifest() -> None:
    pages = ["a"]
    manifest = notifier().with_metadata({"pages": pages}).build()

    pages.append("b")

    assert manifest.metadata["pages"] == ("a",)


@pytest.mark.parametrize("axis", ["background_processors", "backgroundProcessors"])
def test_a_processor_that_nothing_would_tell_its_concurrency_is_refused(axis: str) -> None:
    processors = [
        {"name": "jobs", "entrypoint": MAIN, "concurrency": 4},
        {"name": "one-by-one", "entrypoint": MAIN, "concurrency": 1},
        {"name": "told", "entrypoint": MAIN, "concurrency": 4, "concurrencyEnv": "JOBS"},
    ]

    found = faults_of(
        lambda: read_manifest({"name": "notifier", "version": "0.1.0", "contributions": {axis: processors}})
    )

    place = "notifier: contributions.background_processors[0].concurrency_env"
    assert found == [("PLG_CONCURRENCY_UNTOLD", place)]


def test_every_fault_is_told_together() -> None:
    draft = (
        define_plugin("@acme/plugin-notifier", "one")
        .with_service("Api", "no entrypoint", port=0)
        .with_service("jobs", MAIN, port=70_000)
        .with_service("jobs", MAIN, port=8095)
        .with_background_processor("jobs", MAIN, concurrency=0)
        .with_contract_versions([{"version": "1", "contract": MAIN}])
        .with_metadata({"when": {1, 2}})
        .with_dependencies({"auth": "^1.0", "@acme/plugin-notifier": True})
        .with_stream_topics([{"name": "events", "model": "acme:Event"}])
        .with_requirements(db=True)
    )

    found = faults_of(draft.build)

    owner = "@acme/plugin-notifier"
    assert sorted(found) == sorted(
        [
            ("PLG_NAME_INVALID", f"{owner}: name"),
            ("PLG_VERSION_INVALID", f"{owner}: version"),
            ("PLG_NAME_INVALID", f"{owner}: contributions.services[0].name"),
            ("PLG_ENTRYPOINT_INVALID", f"{owner}: contributions.services[0].entrypoint"),
            ("PLG_PORT_INVALID", f"{owner}: contributions.services[0].port"),
            ("PLG_PORT_INVALID", f"{owner}: contributions.services[1].port"),
            ("PLG_CONCURRENCY_INVALID", f"{owner}: contributions.background_processors[0].concurrency"),
            ("PLG_CONTRACT_VERSION_INVALID", f"{owner}: contributions.contract_versions[0].version"),
            ("PLG_METADATA_NOT_JSON", f"{owner}: metadata"),
            ("PLG_DEP_INVALID", f"{owner}: dependencies.auth"),
            ("PLG_NAME_INVALID", f"{owner}: dependencies.@acme/plugin-notifier"),
            ("PLG_AXIS_NOT_CONSUMED", f"{owner}: contributions.stream_topics"),
            ("PLG_AXIS_NOT_CONSUMED", f"{owner}: requires_db"),
            ("PLG_DUP_CONTRIBUTION", f"{owner}: contributions.services"),
            ("PLG_DEP_INVALID", f"{owner}: dependencies"),
        ]
    )


def test_a_fault_says_what_to_do() -> None:
    with pytest.raises(PluginInvalidError) as raised:
        notifier().with_dependencies({"streams": "^0.1"}).build()

    assert str(raised.value) == (
        "notifier: dependencies.streams cannot be '^0.1' [PLG_DEP_INVALID]. "
        "Fix: use ranges such as >=0.1, >=1.2,<2 or ==1.*; there is no ^ and no ~ alone"
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", FaultCode.NAME_INVALID),
        ("Notifier", FaultCode.NAME_INVALID),
        ("my_plugin", FaultCode.NAME_INVALID),
        ("a--b", FaultCode.NAME_INVALID),
        ("-a", FaultCode.NAME_INVALID),
        ("a" * 65, FaultCode.NAME_INVALID),
        ("../evil", FaultCode.NAME_INVALID),
        ("netscript", FaultCode.NAME_RESERVED),
        ("kernel", FaultCode.NAME_RESERVED),
    ],
)
def test_a_name_that_would_mean_something_else_is_refused(name: str, code: FaultCode) -> None:
    found = faults_of(define_plugin(name, "0.1.0").build)

    assert [each for each, _ in found] == [code]


def test_a_scope_is_told_from_the_name() -> None:
    with pytest.raises(PluginInvalidError, match="there are no scopes: notifier") as scoped:
        define_plugin("@notifier/plugin", "0.1.0").build()
    with pytest.raises(PluginInvalidError, match="there are no scopes: mail"):
        define_plugin("@acme/plugin-mail", "0.1.0").build()

    assert len(scoped.value.faults) == 1


@pytest.mark.parametrize("version", ["0.1.0", "1.2.3rc1", "1.0.0-alpha.1", "2026.11", "1!2.0", "1.0+build.5"])
def test_versions_are_those_of_python_and_keep_their_spelling(version: str) -> None:
    assert define_plugin("notifier", version).build().version == version


@pytest.mark.parametrize(
    ("wanted", "allowed"), [(True, ""), (">=0.1", ">=0.1"), ("==1.*", "==1.*"), ("", ""), ("~=1.2", "~=1.2")]
)
def test_a_dependency_is_any_version_or_a_range(wanted: "bool | str", allowed: str) -> None:
    manifest = notifier().with_dependencies({"streams": wanted}).build()

    assert dict(manifest.dependencies) == {"streams": allowed}


def test_a_dependency_on_a_manifest_is_on_its_version_or_a_later_one() -> None:
    streams = define_plugin("streams", "0.3.0").build()

    manifest = notifier().with_dependencies({"streams": streams}).build()

    assert dict(manifest.dependencies) == {"streams": ">=0.3.0"}


@pytest.mark.parametrize("wanted", [False, None, 1, "latest", ["0.1"]])
def test_another_dependency_is_refused(wanted: Any) -> None:
    found = faults_of(notifier().with_dependencies({"streams": wanted}).build)

    assert [place for _, place in found] == ["notifier: dependencies.streams"]


def test_a_plugin_cannot_depend_on_itself() -> None:
    found = faults_of(notifier().with_dependencies({"notifier": True}).build)

    assert found == [("PLG_DEP_INVALID", "notifier: dependencies")]


@pytest.mark.parametrize(
    ("method", "argument"),
    [
        ("with_stream_topics", [{"name": "events", "model": "acme:Event"}]),
        ("with_db_schemas", [{"name": "acme", "metadata": "acme:metadata"}]),
        ("with_migrations", [{"name": "acme", "path": "migrations"}]),
        ("with_runtime_config_topics", [{"name": "acme", "model": "acme:Config"}]),
        ("with_handlers", [{"name": "greet", "handler": "acme:greet"}]),
        ("with_aspire", "acme:aspire"),
        ("with_deploy", "acme:deploy"),
    ],
)
def test_an_axis_that_nothing_consumes_yet_says_so(method: str, argument: object) -> None:
    builder: PluginBuilder = getattr(notifier(), method)(argument)

    found = faults_of(builder.build)

    assert found == [("PLG_AXIS_NOT_CONSUMED", f"notifier: contributions.{method.removeprefix('with_')}")]


def test_an_axis_that_nothing_consumes_yet_says_so_in_json_too() -> None:
    schemas = [{"name": "acme", "metadata": "acme:metadata"}]
    text = json.dumps({"name": "notifier", "version": "0.1.0", "contributions": {"dbSchemas": schemas}})

    found = faults_of(lambda: read_manifest_json(text))

    assert found == [("PLG_AXIS_NOT_CONSUMED", "notifier: contributions.db_schemas")]


@pytest.mark.parametrize(
    ("draft", "place"),
    [
        ({"permissions": ["net"]}, "notifier: permissions"),
        ({"contributions": {"servces": []}}, "notifier: contributions.servces"),
        (
            {"contributions": {"services": [{"name": "a", "entrypoint": MAIN, "port": 1, "workdir": "."}]}},
            "notifier: contributions.services[0].workdir",
        ),
    ],
)
def test_a_field_that_nobody_reads_is_refused(draft: dict[str, Any], place: str) -> None:
    found = faults_of(lambda: read_manifest({"name": "notifier", "version": "0.1.0", **draft}))

    assert found == [("PLG_UNKNOWN_FIELD", place)]


@pytest.mark.parametrize("port", ["8095", True, 8095.0, None])
def test_a_port_is_a_number_and_nothing_that_looks_like_one(port: Any) -> None:
    found = faults_of(notifier().with_service("notifier-api", MAIN, port=port).build)

    assert found == [("PLG_FIELD_INVALID", "notifier: contributions.services[0].port")]


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"x"', "[" * 100_000])
def test_text_that_is_no_manifest_is_one_fault(text: str) -> None:
    assert faults_of(lambda: read_manifest_json(text)) == [("PLG_FIELD_INVALID", "the plugin")]


def test_a_duplicate_is_told_even_where_another_field_is_wrong() -> None:
    gates = [{"name": "a.b", "command": "true"}, {"name": "a.b", "command": ""}]
    draft = {"name": "notifier", "version": "1", "contributions": {"e2e": gates}}

    found = faults_of(lambda: read_manifest(draft))

    assert found == [
        ("PLG_FIELD_INVALID", "notifier: contributions.e2e[1].command"),
        ("PLG_DUP_CONTRIBUTION", "notifier: contributions.e2e"),
    ]


def test_a_contract_stands_in_the_manifest_by_its_place() -> None:
    manifest = notifier().with_contract_versions([NotesV1]).build()

    version = manifest.contributions.contract_versions[0]

    assert (version.version, version.contract) == ("v1", f"{NotesV1.__module__}:NotesV1")


def test_an_inspection_says_what_a_plugin_is() -> None:
    inspected = inspect_plugin(full())

    assert inspected.as_json() == {
        "name": "notifier",
        "version": "0.1.0",
        "kind": "worker",
        "summary": "Delivers notifications.",
        "ports": {"notifier-api": 8095},
        "contributions": {
            "services": 1,
            "background_processors": 1,
            "contract_versions": 2,
            "e2e": 1,
            "telemetry": 1,
            "doctor": 1,
        },
        "dependencies": {"auth": ">=0.1,<1", "streams": ""},
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(metadata=st.dictionaries(st.text(), json_values, max_size=4))
def test_any_json_is_metadata_and_comes_back(metadata: dict[str, object]) -> None:
    manifest = notifier().with_metadata(metadata).build()

    assert read_manifest_json(manifest.to_json()) == manifest


FIELDS = st.sampled_from(["name", "version", "contributions", "metadata", "dependencies", "x"])


@given(draft=st.dictionaries(FIELDS, json_values))
def test_any_json_is_a_manifest_or_faults_with_a_fix(draft: dict[str, object]) -> None:
    faults: tuple[PluginFault, ...] = ()
    try:
        read_manifest(draft)
    except PluginInvalidError as error:
        faults = error.faults

    assert all(fault.problem and fault.fix for fault in faults)
    assert faults or {"name", "version"} <= draft.keys()


def test_gates_are_called_in_json_as_in_python() -> None:
    manifest = define_plugin("one", "1").with_e2e([{"name": "a", "command": "true"}]).build()

    document = json.loads(manifest.to_json())

    assert document["contributions"] == {"e2e": [{"name": "a", "command": "true"}]}
