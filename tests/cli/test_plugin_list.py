"""``netscript plugin list`` and ``info``: what there is, from files alone, with what is broken and why."""

import json
import subprocess
import sys
from typing import Any

import pytest

from netscript_kernel.plugins import define_plugin
from tests.support.commands import Told, run
from tests.support.workspaces import MadeWorkspace, Site, listed_as

NOTIFIER = (
    define_plugin("notifier", "0.3.0")
    .with_kind("worker")
    .with_description("Delivers notifications.")
    .with_author("Acme")
    .with_license("MIT")
    .with_tags("mail", "push")
    .with_requirements(kv=True)
    .with_dependencies({"streams": ">=0.1"})
    .with_service("notifier-api", "plugins.notifier.service:main", port=8095)
    .with_background_processor(
        "notifier-jobs", "plugins.notifier.jobs:main", concurrency=4, concurrency_env="NOTIFIER_JOBS"
    )
    .with_contract_versions([{"version": "v1", "contract": "plugins.notifier.contract:NotifierV1"}])
    .with_e2e([{"name": "notifier.smoke", "command": "python -m pytest"}])
    .with_telemetry([{"name": "sql", "installer": "plugins.notifier.telemetry:install"}])
    .with_doctor("plugins.notifier.checks:look")
)


def listed(made: MadeWorkspace) -> Told:
    return run("plugin", "list", "--project-root", str(made.root))


def info(made: MadeWorkspace, name: str, *options: str) -> Told:
    return run("plugin", "info", name, *options, "--project-root", str(made.root))


def as_json(told: Told) -> Any:
    assert told.errors == ""
    return json.loads(told.output)


def test_a_list_says_what_each_plugin_is_and_where_it_comes_from(
    made: MadeWorkspace, installed: Site
) -> None:
    made.add_unlisted(NOTIFIER)
    installed.install_plugin("acme-streams", define_plugin("streams", "1.2").with_kind("stream"))
    made.lists(listed_as("notifier"), "acme-streams")

    told = listed(made)

    assert told.code == 0
    assert told.output.splitlines()[:3] == [
        "NAME      VERSION  KIND    FROM                          SERVES",
        "notifier  0.3.0    worker  ./plugins/notifier/plugin.py  notifier-api :8095",
        "streams   1.2      stream  acme-streams 1.0              -",
    ]


def test_a_list_for_programs_has_everything(made: MadeWorkspace) -> None:
    made.add(NOTIFIER)

    document = as_json(run("plugin", "list", "--json", "--project-root", str(made.root)))

    assert document == {
        "workspace": {"name": "acme", "version": "0.1.0", "root": str(made.root)},
        "plugins": [
            {
                "name": "notifier",
                "version": "0.3.0",
                "kind": "worker",
                "summary": "Delivers notifications.",
                "listed": "./plugins/notifier/plugin.py",
                "origin": "workspace",
                "distribution": None,
                "services": [{"name": "notifier-api", "port": 8095}],
                "processors": ["notifier-jobs"],
                "contributions": {
                    "services": 1,
                    "backgroundProcessors": 1,
                    "contractVersions": 1,
                    "e2e": 1,
                    "telemetry": 1,
                    "doctor": 1,
                },
                "dependencies": {"streams": ">=0.1"},
                "broken": None,
            }
        ],
    }


def test_broken_plugins_are_listed_with_why_and_what_to_do(made: MadeWorkspace) -> None:
    made.add_unlisted(NOTIFIER)
    made.lists("./plugins/gone/plugin.py", listed_as("notifier"))

    told = listed(made)

    assert told.code == 0
    assert "gone      -        -       ./plugins/gone/plugin.py      broken\n" in told.output
    assert "    ./plugins/gone/plugin.py is not there [WSP_PLUGIN_NOT_FOUND]\n        Fix: " in told.output
    assert "; or list it no more: netscript plugin remove gone\n" in told.output
    assert "notifier-api :8095" in told.output


def test_an_empty_list_says_how_to_fill_it(made: MadeWorkspace) -> None:
    made.lists()

    told = listed(made)

    assert (told.code, told.errors) == (0, "")
    assert "netscript plugin add " in told.output


def test_a_faulty_workspace_is_told_whole_and_ends_with_2(made: MadeWorkspace) -> None:
    made.write("netscript.toml", "colour = 1\n")

    told = listed(made)

    assert (told.code, told.output) == (2, "")
    assert told.errors.startswith(
        "There are 2 faults. Nothing was looked at.\n\n  netscript.toml: colour is no"
    )
    assert "[WSP_FIELD_INVALID]\n      Fix: write such as" in told.errors


def test_no_name_of_a_file_moves_anything_on_a_terminal(made: MadeWorkspace) -> None:
    made.write("netscript.toml", 'name = "a"\n"\\u001b[2J" = 1\n')

    told = listed(made)

    assert told.code == 2
    assert "\x1b" not in told.errors
    assert "  netscript.toml: [2J is no field [WSP_UNKNOWN_FIELD]" in told.errors


def test_a_list_imports_no_plugin_and_reads_no_manifest(made: MadeWorkspace) -> None:
    made.breaks("bomb", "raise SystemExit('boom')")
    made.lists(listed_as("bomb"))
    program = (
        "import sys\nfrom netscript_cli.main import main\n"
        f"try: main(['plugin', 'list', '--project-root', {str(made.root)!r}])\n"
        "except SystemExit as done: assert done.code == 0, done\n"
        "heavy = {'netscript_kernel.plugins', 'packaging', 'tomlkit', 'asyncio', 'rich'}\n"
        "sys.exit(','.join(heavy & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith("bomb  0.1.0    plugin  ./plugins/bomb/plugin.py")


def test_info_says_all_that_a_plugin_says(made: MadeWorkspace) -> None:
    made.add(NOTIFIER)

    told = info(made, "notifier")

    assert (told.code, told.errors) == (0, "")
    assert told.output == (
        "notifier 0.3.0, worker\n"
        "from ./plugins/notifier/plugin.py, as plugins.notifier.plugin\n"
        "Delivers notifications.\n"
        "\nAbout\n  author Acme\n  license MIT\n  tags mail, push\n"
        "\nServices\n  notifier-api :8095  plugins.notifier.service:main  ready at /health/ready\n"
        "\nBackground processors\n"
        "  notifier-jobs  plugins.notifier.jobs:main  4 at a time, or what NOTIFIER_JOBS says\n"
        "\nContracts\n  v1  plugins.notifier.contract:NotifierV1\n"
        "\nGates\n  notifier.smoke  python -m pytest\n"
        "\nInstrumentation\n  sql  plugins.notifier.telemetry:install\n"
        "\nChecks of its own\n  plugins.notifier.checks:look\n"
        "\nNeeds\n  the plugin streams, >=0.1\n  the key-value store that NETSCRIPT_KV_URL names\n"
    )


def test_info_for_programs_has_the_whole_manifest(made: MadeWorkspace) -> None:
    made.add(NOTIFIER)

    document = as_json(info(made, "notifier", "--json"))

    assert document["manifest"]["contributions"]["services"][0]["healthPath"] == "/health/ready"
    assert (document["module"], document["faults"]) == ("plugins.notifier.plugin", [])


def test_a_plugin_is_known_by_its_name_and_as_it_is_listed(made: MadeWorkspace, installed: Site) -> None:
    installed.install_plugin("acme-streams", define_plugin("streams", "1.2"))
    made.add_unlisted(NOTIFIER)
    made.lists("acme-streams", listed_as("notifier"))

    asked = ["streams", "acme-streams", "Acme_Streams", "./plugins/notifier/plugin.py"]

    assert [info(made, each).output.splitlines()[0] for each in asked] == [
        *["streams 1.2, plugin"] * 3,
        "notifier 0.3.0, worker",
    ]


def test_info_of_a_plugin_by_hand_tells_its_port(made: MadeWorkspace) -> None:
    made.write("plugins/hand/plugin.py", "")
    made.write(
        "plugins/hand/scaffold.plugin.json",
        '{"provider": {"kind": "worker", "category": "background-processor"},'
        ' "officialSource": {"canonicalName": "hand", "servicePort": 9000, "dependencies": ["streams"]}}',
    )
    made.lists(listed_as("hand"))

    told = info(made, "hand")

    assert told.code == 0
    assert told.output.endswith("\nServices\n  :9000\n\nNeeds\n  the plugin streams\n")


def test_info_of_an_unknown_plugin_says_which_there_are(made: MadeWorkspace) -> None:
    made.add(NOTIFIER)

    told = info(made, "notifyer")

    assert (told.code, told.output) == (2, "")
    assert told.errors == (
        "There is a fault. Nothing was looked at.\n\n"
        "  notifyer is no plugin that the workspace lists [WSP_PLUGIN_UNKNOWN]\n"
        "      Fix: did you mean notifier? there are: notifier\n"
    )


def test_programs_are_told_a_fault_as_they_are_told_all_others(made: MadeWorkspace) -> None:
    made.add(NOTIFIER)

    told = info(made, "notifyer", "--json")

    fault = {
        "code": "WSP_PLUGIN_UNKNOWN",
        "place": "notifyer",
        "problem": "is no plugin that the workspace lists",
        "fix": "did you mean notifier? there are: notifier",
    }
    assert (told.code, told.errors) == (2, "")
    assert json.loads(told.output) == {"faults": [fault]}


def test_info_of_a_broken_plugin_says_why_and_ends_with_1(made: MadeWorkspace) -> None:
    made.add(NOTIFIER)
    file = made.root / "plugins/notifier/scaffold.plugin.json"
    file.write_text(file.read_text().replace('"version": "0.3.0"', '"version": "one"'))

    told = info(made, "notifier")

    assert told.code == 1
    assert "broken: notifier: version cannot be 'one' [PLG_VERSION_INVALID]" in told.errors


@pytest.mark.parametrize("words", [["plugin"], ["plugin", "--help"], ["plugin", "list", "--help"]])
def test_every_command_has_words_for_its_help(words: list[str]) -> None:
    told = run(*words)

    assert told.code in {0, 2}
    assert "List the plugins" in told.output + told.errors


def test_the_words_of_a_distribution_move_nothing_on_a_terminal(made: MadeWorkspace, installed: Site) -> None:
    installed.install("acme-evil", {"acme_evil.py": ""}, ["\x1b[2Jboom = acme_evil:manifest"])
    metadata = installed.folder / "acme_evil-1.0.dist-info/METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: acme\x1b[1m\nVersion: 1\x07\n")
    made.lists("acme-evil")

    told = [listed(made), info(made, "[2Jboom")]

    for each in told:
        assert "[2Jboom" in each.output
        assert "acme [1m 1" in each.output
        assert not {"\x1b", "\x07"} & {*each.output, *each.errors}


def test_a_distribution_with_metadata_that_nobody_can_read_is_broken_and_breaks_no_list(
    made: MadeWorkspace, installed: Site
) -> None:
    made.add_unlisted(NOTIFIER)
    for name, file in (("acme-bad", "entry_points.txt"), ("acme-mute", "METADATA")):
        installed.install(name, {"acme_bad.py": ""}, ["bad = acme_bad:manifest"])
        info_folder = installed.folder / f"{name.replace('-', '_')}-1.0.dist-info"
        (info_folder / file).write_bytes(b"[netscript.plugins]\nName \xff")
    made.lists(listed_as("notifier"), "acme-bad", "acme-mute")

    told = listed(made)

    assert told.code == 0
    assert "notifier  0.3.0" in told.output
    assert "acme-bad has entry points that cannot be read [WSP_PLUGIN_NOT_OFFERED]" in told.output


def test_a_listed_path_that_is_too_long_for_the_system_is_not_there(made: MadeWorkspace) -> None:
    made.lists(f"./{'a' * 5000}/plugin.py")

    told = listed(made)

    assert told.code == 0
    assert "is not there [WSP_PLUGIN_NOT_FOUND]" in told.output
