"""Many manifests come to one Plan: ordered, with every conflict told, and each axis with its effect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_kernel.plugins import (
    ListedPlugin,
    PluginBuilder,
    PluginInvalidError,
    define_plugin,
    plan_plugins,
)


def plugin(name: str, *wanted: str, version: str = "0.1.0") -> PluginBuilder:
    return define_plugin(name, version).with_dependencies(dict.fromkeys(wanted, True))


def listed(*builders: PluginBuilder) -> list[ListedPlugin]:
    manifests = [each.build() for each in builders]
    return [ListedPlugin(each, f"./plugins/{each.name}/plugin.py") for each in manifests]


def faults_of(*builders: PluginBuilder) -> list[str]:
    with pytest.raises(PluginInvalidError) as raised:
        plan_plugins(listed(*builders))
    return [str(fault) for fault in raised.value.faults]


def order_of(*builders: PluginBuilder) -> list[str]:
    return [each.manifest.name for each in plan_plugins(listed(*builders)).plugins]


def test_a_plugin_comes_after_those_that_it_depends_on() -> None:
    assert order_of(plugin("notifier", "streams"), plugin("streams")) == ["streams", "notifier"]


def test_the_order_of_the_list_means_nothing() -> None:
    three = (plugin("a", "c"), plugin("b"), plugin("c"))

    assert order_of(*three) == order_of(*reversed(three)) == ["b", "c", "a"]


@given(st.data())
def test_every_dependency_is_wired_before_whoever_needs_it(data: st.DataObject) -> None:
    names = [f"p{number}" for number in range(data.draw(st.integers(1, 8)))]
    wanted = {
        name: data.draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else []
        for at, name in enumerate(names)
    }
    shuffled = data.draw(st.permutations(names))

    order = order_of(*(plugin(name, *wanted[name]) for name in shuffled))

    assert sorted(order) == sorted(names)
    assert all(order.index(one) < order.index(name) for name in names for one in wanted[name])


def test_a_missing_plugin_is_a_fault_that_names_who_wants_it() -> None:
    assert faults_of(plugin("notifier", "streams")) == [
        "notifier (./plugins/notifier/plugin.py): dependencies.streams is not among the plugins of the "
        "workspace [PLG_DEP_MISSING]. Fix: add a plugin named streams, make one (netscript plugin new), or "
        "remove the dependency"
    ]


def test_a_version_out_of_range_is_a_fault_that_names_both() -> None:
    wants = define_plugin("notifier", "0.1.0").with_dependencies({"streams": ">=0.2"})

    faults = faults_of(wants, plugin("streams"))

    assert faults == [
        "notifier (./plugins/notifier/plugin.py): dependencies.streams wants >=0.2, but streams "
        "(./plugins/streams/plugin.py) is 0.1.0 [PLG_DEP_VERSION]. Fix: install a version of streams in that "
        "range, or widen the range"
    ]


def test_a_version_before_a_release_is_in_a_range_that_it_does_not_exceed() -> None:
    wants = define_plugin("notifier", "0.1.0").with_dependencies({"streams": ">=0.1"})

    assert order_of(wants, plugin("streams", version="0.2.0rc1")) == ["streams", "notifier"]


def test_a_cycle_is_told_by_its_path() -> None:
    faults = faults_of(plugin("a", "b"), plugin("b", "c"), plugin("c", "a"), plugin("d"))

    assert len(faults) == 1
    assert "depend on one another: a -> b -> c -> a" in faults[0]
    assert "[PLG_DEP_CYCLE]" in faults[0]


def test_two_plugins_of_one_name_are_a_fault_that_names_both() -> None:
    one, other = define_plugin("auth", "0.1.0").build(), define_plugin("auth", "0.2.0").build()

    with pytest.raises(PluginInvalidError) as raised:
        plan_plugins(
            [ListedPlugin(one, "netscript-plugin-auth"), ListedPlugin(other, "./plugins/auth/plugin.py")]
        )

    assert [str(fault) for fault in raised.value.faults] == [
        "auth (./plugins/auth/plugin.py) has the name of auth (netscript-plugin-auth) [PLG_DUP_PLUGIN]. "
        "Fix: rename one of the two, or list one of them"
    ]


def test_a_port_and_a_name_that_two_have_are_faults_that_name_both() -> None:
    one = plugin("one").with_service("api", "one:main", port=8095)
    other = (
        plugin("other")
        .with_background_processor("api", "other:main")
        .with_service("other-api", "other:main", port=8095)
    )

    faults = faults_of(one, other)

    assert faults == [
        "other (./plugins/other/plugin.py): contributions.background_processors api is taken by one "
        "(./plugins/one/plugin.py) [PLG_DUP_CONTRIBUTION]. Fix: rename one of the two",
        "other (./plugins/other/plugin.py): service other-api: port 8095 is taken by one "
        "(./plugins/one/plugin.py) [PLG_PORT_CLASH]. Fix: give one of the two another port",
    ]


def test_all_faults_between_plugins_are_told_together() -> None:
    faults = faults_of(
        plugin("one", "gone").with_service("api", "one:main", port=1),
        plugin("two", "one", "three").with_service("two-api", "two:main", port=1),
        plugin("three", "two"),
    )

    codes = [fault.partition("[")[2].partition("]")[0] for fault in faults]
    assert codes == ["PLG_PORT_CLASH", "PLG_DEP_MISSING", "PLG_DEP_CYCLE"]


def test_a_process_starts_after_all_processes_of_the_plugins_that_its_own_depends_on() -> None:
    streams = plugin("streams").with_service("streams-api", "streams:main", port=4437)
    workers = (
        plugin("workers", "streams")
        .with_service("workers-api", "workers:main", port=8091)
        .with_background_processor("workers-jobs", "workers:work", concurrency=2, concurrency_env="WORKERS")
    )
    notifier = plugin("notifier", "workers").with_service("notifier-api", "notifier:main", port=8095)

    plan = plan_plugins(listed(notifier, workers, streams))

    assert [(each.name, each.after) for each in plan.processes] == [
        ("streams-api", ()),
        ("workers-api", ("streams-api",)),
        ("workers-jobs", ("streams-api",)),
        ("notifier-api", ("workers-api", "workers-jobs")),
    ]


def test_a_plugin_without_processes_hands_the_order_on() -> None:
    base = plugin("base").with_service("base-api", "base:main", port=1)
    top = plugin("top", "glue").with_service("top-api", "top:main", port=2)

    plan = plan_plugins(listed(top, plugin("glue", "base"), base))

    assert [(each.name, each.after) for each in plan.processes] == [
        ("base-api", ()),
        ("top-api", ("base-api",)),
    ]


def test_what_a_process_is_comes_from_the_manifest() -> None:
    one = (
        plugin("one")
        .with_requirements(kv=True)
        .with_telemetry([{"name": "sql", "installer": "one.telemetry:install"}])
        .with_service("one-api", "one:main", port=8095, health_path="/health/live")
        .with_background_processor("one-jobs", "one:work", concurrency=4, concurrency_env="ONE_CONCURRENCY")
    )

    service, processor = plan_plugins(listed(one)).processes

    assert (service.entrypoint, service.port, service.health_path) == ("one:main", 8095, "/health/live")
    assert (processor.entrypoint, processor.port, processor.health_path) == ("one:work", None, None)
    assert (processor.concurrency, processor.concurrency_env) == (4, "ONE_CONCURRENCY")
    assert service.requires_kv
    assert service.installers == processor.installers == ("one.telemetry:install",)


def test_services_are_found_by_the_variables_of_orchestrators() -> None:
    one = plugin("one").with_service("one-api", "one:main", port=8095)
    other = plugin("other").with_service("other-api", "other:main", port=8096)

    plan = plan_plugins(listed(one, other))

    assert dict(plan.addresses) == {
        "services__one-api__http__0": "http://127.0.0.1:8095",
        "services__other-api__http__0": "http://127.0.0.1:8096",
    }


def test_contracts_and_gates_are_those_of_all_plugins_in_order() -> None:
    one = plugin("one", "other").with_e2e([{"name": "one.smoke", "command": "true"}])
    other = (
        plugin("other")
        .with_contract_versions([{"version": "v1", "contract": "other:V1"}])
        .with_e2e([{"name": "other.smoke", "command": "true"}])
    )

    written = plan_plugins(listed(one, other)).as_json()

    assert written["contracts"] == [{"plugin": "other", "version": "v1", "contract": "other:V1"}]
    assert [gate["name"] for gate in written["gates"]] == ["other.smoke", "one.smoke"]
    assert [(each["name"], each["listed"]) for each in written["plugins"]] == [
        ("other", "./plugins/other/plugin.py"),
        ("one", "./plugins/one/plugin.py"),
    ]


def test_no_plugins_are_an_empty_plan() -> None:
    plan = plan_plugins([])

    assert plan.as_json() == {"plugins": [], "processes": [], "contracts": [], "gates": []}
