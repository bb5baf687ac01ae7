"""``netscript plugin doctor``: each check finds its fault, says how to mend it, and is silent without it."""

import json
import re
import socket
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from textwrap import indent
from threading import Thread
from typing import Any, TypeAlias

import pytest

from netscript_cli.doctor.answers import Answer, ask
from netscript_cli.doctor.checks import CHECKS, LIVE_CHECKS
from netscript_cli.doctor.examination import WORKSPACE, Examined, examine
from netscript_kernel.plugins import PluginBuilder, define_plugin
from netscript_kernel.plugins.builder import ContractVersion
from netscript_kernel.plugins.descriptor import describe_plugin, encode_descriptor
from tests.support.commands import run
from tests.support.ports import unused_port
from tests.support.workspaces import MadeWorkspace, Site, listed_as
from workspace import ROOT

SERVICE = "def main() -> None: ..."
CONTRACT = """\
from netscript_kernel.contracts import Contract, WireModel, get
from netscript_kernel.plugin_contract import Description, PluginContract


class NotifierV1(PluginContract, name="notifier", version="v1", prefix="/api/v1/notifier"):
    find = get("/find").output(Description)


class SilentV1(Contract, name="silent", version="v1", prefix="/api/v1/silent"):
    find = get("/find").output(Description)


class Words(WireModel):
    name: str


class OtherNameV1(Contract, name="other", version="v1", prefix="/api/v1/other"):
    about = get("/describe").output(Description)


class OtherWordsV1(Contract, name="words", version="v1", prefix="/api/v1/words"):
    describe = get("/describe").output(Words)
"""
FINDING = "from netscript_kernel.plugins import PluginFinding, Severity\n"
LONG = timedelta(minutes=1)
NOTHING_SET: Mapping[str, str] = {}
Answers: TypeAlias = Mapping[str, tuple[int, object]]


def notifier(port: int | None = None) -> PluginBuilder:
    return define_plugin("notifier", "0.1.0").with_service(
        "notifier-api", "plugins.notifier.service:main", port=port or unused_port()
    )


def examined(
    made: MadeWorkspace, variables: Mapping[str, str] = NOTHING_SET, **options: Any
) -> Sequence[Examined]:
    return examine(made.root, variables=variables, **options)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One finding of one check."""

    check: str
    plugin: str | None
    severity: str
    problem: str
    fix: str

    @property
    def where(self) -> tuple[str, str | None, str]:
        return self.check, self.plugin, self.severity


def wrong(made: MadeWorkspace, **options: Any) -> list[Wrong]:
    """Return every finding; each has to have a fix."""
    found = [
        Wrong(each.check, each.plugin, finding.severity.value, finding.problem, finding.fix)
        for each in examined(made, **options)
        for finding in each.findings
    ]
    assert all(each.fix for each in found)
    return found


def only(made: MadeWorkspace, **options: Any) -> Wrong:
    (found,) = wrong(made, **options)
    return found


@contextmanager
def answering(port: int, answers: Answers) -> Generator[None]:
    """Listen there, and answer by path with a status and JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, document = answers.get(self.path, (404, {}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base has it
            """Say nothing."""

    with HTTPServer(("127.0.0.1", port), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def sound(made: MadeWorkspace) -> MadeWorkspace:
    """A workspace in which nothing is wrong, with everything that is looked at."""
    made.write("plugins/notifier/service.py", SERVICE)
    made.write("plugins/notifier/contract.py", CONTRACT)
    made.write("plugins/notifier/checks.py", "def look(): return []")
    made.add(
        define_plugin("streams", "0.2.0"),
        notifier()
        .with_background_processor("jobs", "plugins.notifier.service:main", concurrency_env="JOBS")
        .with_dependencies({"streams": ">=0.1"})
        .with_requirements(kv=True)
        .with_contract_versions([{"version": "v1", "contract": "plugins.notifier.contract:NotifierV1"}])
        .with_telemetry([{"name": "sql", "installer": "plugins.notifier.service:main"}])
        .with_doctor("plugins.notifier.checks:look"),
    )
    return made


def test_nothing_is_wrong_where_all_is_well_and_every_check_was_made(sound: MadeWorkspace) -> None:
    rows = examined(sound, variables={"NETSCRIPT_KV_URL": "sqlite://", "JOBS": "4"})

    assert {each.status for each in rows} == {"ok"}
    assert [each.check for each in rows if each.plugin in {None, "notifier"}] == [
        "workspace",
        *(check.id for check in CHECKS),
    ]


def test_a_faulty_workspace_is_told_with_all_its_faults(made: MadeWorkspace) -> None:
    made.write("netscript.toml", "colour = 1\n")

    assert [each.where for each in wrong(made)] == [("workspace", None, "error")] * 2


@pytest.mark.parametrize("listed", ["./plugins/gone/plugin.py", "acme-gone", "pytest"])
def test_a_plugin_that_is_not_there_is_found(made: MadeWorkspace, listed: str) -> None:
    made.lists(listed)

    found = only(made)

    assert (found.check, found.severity) == ("module", "error")
    assert (
        found.problem.startswith(f"{listed} is not")
        or found.problem == "pytest is installed, and offers no plugin"
    )


def test_a_plugin_that_cannot_be_imported_is_found_and_the_others_are_examined(sound: MadeWorkspace) -> None:
    sound.breaks("broken", "import acme_nothing")
    sound.lists(listed_as("broken"), listed_as("streams"), listed_as("notifier"))

    rows = examined(sound, variables={"NETSCRIPT_KV_URL": "sqlite://"})

    assert [(each.check, each.status) for each in rows if each.plugin == "broken"] == [("module", "error")]
    assert {each.status for each in rows if each.plugin in {"streams", "notifier"}} == {"ok"}


def test_a_plugin_that_hangs_is_found(made: MadeWorkspace) -> None:
    made.breaks("hung", "import threading\nthreading.Event().wait()")
    made.lists(listed_as("hung"))

    found = only(made, limit=timedelta(seconds=0.2))

    assert (found.check, found.plugin) == ("module", "hung")
    assert found.problem.endswith("did not end within 0.2 s")


def test_a_manifest_that_is_not_valid_is_found_with_all_its_faults(made: MadeWorkspace) -> None:
    made.breaks(
        "odd", "from netscript_kernel.plugins import define_plugin\ndefine_plugin('A', 'one').build()"
    )
    made.lists(listed_as("odd"))

    found = wrong(made)

    assert [each.where for each in found] == [("manifest", "odd", "error")] * 2
    assert "version cannot be 'one'" in found[1].problem


def test_a_module_without_a_manifest_is_found(made: MadeWorkspace) -> None:
    made.breaks("odd", "")
    made.lists(listed_as("odd"))

    found = only(made)

    assert found.check == "manifest"
    assert "manifest = define_plugin(" in found.fix


def test_a_missing_descriptor_is_found(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.1.0"))
    (made.root / "plugins/one/scaffold.plugin.json").unlink()

    found = only(made)

    assert found.where == ("descriptor", "one", "error")
    assert "netscript generate plugins" in found.fix


def test_a_descriptor_that_differs_is_found_in_its_fields(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.2.0"))
    made.describe(define_plugin("one", "0.1.0").build())

    found = only(made)

    assert (found.check, found.plugin) == ("descriptor", "one")
    assert found.problem.endswith("manifest differs from what the plugin says: version")
    assert "netscript generate plugins" in found.fix


def test_a_descriptor_that_somebody_installed_is_for_its_author_to_mend(
    made: MadeWorkspace, installed: Site
) -> None:
    installed.install_plugin("acme-one", define_plugin("one", "0.2.0"))
    stale = encode_descriptor(describe_plugin(define_plugin("one", "0.1.0").build()))
    (installed.folder / "acme_one/scaffold.plugin.json").write_bytes(stale)
    made.lists("acme-one")

    found = only(made)

    assert found.where == ("descriptor", "one", "error")
    assert "netscript generate descriptor acme_one.plugin:manifest" in found.fix
    assert "or tell its author" in found.fix


def test_entrypoints_that_cannot_be_run_are_found(made: MadeWorkspace) -> None:
    sources = {
        "empty": ("", "its entrypoint plugins.one.empty:main is not there: plugins.one.empty has no main"),
        "lacks": ("import acme_nothing", "No module named 'acme_nothing'"),
        "number": ("main = 1", "is no function, but of type int"),
        "wants": ("def main(port): ...", "wants arguments, and gets none"),
        "waits": ("async def main(): ...", "is async, and nobody would await it"),
        "exits": ("import os; os._exit(1)", "service exits ends the process, with exit code 1"),
    }
    one = define_plugin("one", "0.1.0")
    for name, (source, _) in sources.items():
        made.write(f"plugins/one/{name}.py", source)
        one = one.with_service(name, f"plugins.one.{name}:main", port=unused_port())
    made.add(one)

    found = wrong(made)

    assert {each.where for each in found} == {("entrypoints", "one", "error")}
    told = [each.problem for each in found]
    assert all(part in problem for problem, (_, part) in zip(told, sources.values(), strict=True))


def test_entrypoints_of_a_module_that_hangs_are_not_waited_for_again(made: MadeWorkspace, hangs: str) -> None:
    made.write("plugins/notifier/service.py", hangs)
    made.add(notifier().with_background_processor("jobs", "plugins.notifier.service:main"))

    hung, untried = wrong(made, limit=LONG)

    assert hung.problem == "service notifier-api did not end within 60 s"
    assert (
        untried.problem == "background processor jobs was not tried, since an earlier look at it did not end"
    )


def test_what_is_no_contract_of_its_version_is_found(made: MadeWorkspace) -> None:
    made.write("plugins/notifier/contract.py", CONTRACT)
    made.add(
        define_plugin("notifier", "0.1.0").with_contract_versions(
            [
                {"version": "v2", "contract": "plugins.notifier.contract:Gone"},
                {"version": "v3", "contract": "plugins.notifier.contract:Description"},
                {"version": "v4", "contract": "plugins.notifier.contract:Contract"},
                {"version": "v5", "contract": "plugins.notifier.contract:NotifierV1"},
            ]
        )
    )

    found = wrong(made)

    assert {each.where for each in found} == {("contracts", "notifier", "error")}
    assert [each.problem.partition(": ")[2] for each in found] == [
        "is no contract: there is nothing of this name",
        "is no contract: it is the class Description",
        "is no contract: it is the base of all contracts",
        "is version v1 of its API, and the manifest says v5",
    ]


@pytest.mark.parametrize("name", ["SilentV1", "OtherNameV1", "OtherWordsV1"])
def test_a_contract_that_does_not_describe_its_service_is_a_warning(made: MadeWorkspace, name: str) -> None:
    made.write("plugins/notifier/contract.py", CONTRACT)
    made.add(
        define_plugin("notifier", "0.1.0").with_contract_versions(
            [{"version": "v1", "contract": f"plugins.notifier.contract:{name}"}]
        )
    )

    found = only(made)

    assert found.where == ("describe", "notifier", "warning")
    assert found.fix.startswith("derive it from netscript_kernel.plugin_contract.PluginContract")


def test_a_missing_dependency_is_found(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.1.0").with_dependencies({"gone": True}))

    found = only(made)

    assert found.where == ("dependencies", "one", "error")
    assert "add a plugin named gone" in found.fix


def test_a_dependency_out_of_range_is_found(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.1.0").with_dependencies({"two": ">=2"}), define_plugin("two", "1.0"))

    assert only(made).where == ("dependencies", "one", "error")


def test_a_circle_of_dependencies_is_told_by_its_path(made: MadeWorkspace) -> None:
    made.add(
        define_plugin("one", "0.1.0").with_dependencies({"two": True}),
        define_plugin("two", "1.0").with_dependencies({"one": True}),
    )

    found = only(made)

    assert (found.check, found.plugin) == ("dependencies", None)
    assert "one -> two -> one" in found.problem or "two -> one -> two" in found.problem


def test_a_dependency_that_is_there_and_broken_is_told_once(made: MadeWorkspace) -> None:
    made.add_unlisted(define_plugin("one", "0.1.0").with_dependencies({"broken": True}))
    made.breaks("broken", "1 / 0")
    made.lists(listed_as("one"), listed_as("broken"))

    assert only(made).where == ("module", "broken", "error")


def test_one_name_of_two_processes_is_found(made: MadeWorkspace) -> None:
    made.write("plugins/notifier/service.py", SERVICE)
    other = define_plugin("other", "1").with_background_processor(
        "notifier-api", "plugins.notifier.service:main"
    )
    made.add(notifier(), other)

    found = only(made)

    assert (found.check, found.plugin) == ("duplicates", "other")
    assert "is taken by notifier (./plugins/notifier/plugin.py)" in found.problem


def test_one_port_of_two_services_is_found(made: MadeWorkspace) -> None:
    made.write("plugins/notifier/service.py", SERVICE)
    port = unused_port()
    other = define_plugin("other", "1").with_service("other-api", "plugins.notifier.service:main", port=port)
    made.add(notifier(port), other)

    found = only(made)

    assert (found.check, found.plugin) == ("ports", "other")
    assert found.problem.endswith(f"port {port} is taken by notifier (./plugins/notifier/plugin.py)")


def test_a_port_is_free_or_the_services_own_or_taken(made: MadeWorkspace) -> None:
    others: dict[str, Answers] = {
        "named": {"/": (200, {"name": "named"}), "/health/ready": (503, {})},
        "plugins": {"/": (200, {"name": "one"}), "/health/ready": (503, {})},
        "well": {"/health/ready": (200, {})},
        "other": {"/": (200, {"name": "another-api"}), "/health/ready": (200, {})},
        "strange": {},
    }
    made.write("plugins/one/service.py", SERVICE)
    ports = {name: unused_port() for name in (*others, "free")}
    one = define_plugin("one", "0.1.0")
    for name, port in ports.items():
        one = one.with_service(name, "plugins.one.service:main", port=port)
    made.add(one)

    with ExitStack() as listening:
        for name, answers in others.items():
            listening.enter_context(answering(ports[name], answers))
        found = wrong(made)

    assert {each.where for each in found} == {("ports", "one", "error")}
    assert [each.problem for each in found] == [
        f"service {name}: port {ports[name]} is taken, and not by this service"
        for name in ("other", "strange")
    ]


def test_a_port_that_this_user_may_not_have_is_told_as_the_system_says_it(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.write("plugins/notifier/service.py", SERVICE)
    port = unused_port()
    made.add(notifier(port))

    def refuses(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuses)

    found = only(made)

    assert found.problem == f"service notifier-api: port {port} cannot be used (Permission denied)"


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n{", b"SSH-2.0\r\n"])
def test_whatever_listens_at_a_port_is_not_waited_for(drip: bytes) -> None:
    def trickle(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(drip)
            while connection.recv(1024):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=trickle, args=(listener,))
        thread.start()

        answer = ask(listener.getsockname()[1], "/", timedelta(seconds=0.2))

        thread.join()
    assert answer == Answer()


def test_a_store_that_nobody_names_is_a_warning(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.1.0").with_requirements(kv=True))

    found = only(made)

    assert found.where == ("environment", "one", "warning")
    assert "set NETSCRIPT_KV_URL" in found.fix
    for name, value in (("NETSCRIPT_KV_URL_FILE", "kv"), ("NETSCRIPT_PROFILE", "development")):
        assert wrong(made, variables={name: value}) == []


def test_what_processes_get_is_what_is_looked_at(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETSCRIPT_PROFILE", raising=False)
    made.add(define_plugin("one", "0.1.0").with_requirements(kv=True))
    made.write(".env", "NETSCRIPT_PROFILE=production\n")

    (found,) = [each for each in examine(made.root) if each.findings]

    assert found.check == "environment"


def test_a_faulty_file_of_variables_hides_nothing_that_is_wrong_with_plugins(made: MadeWorkspace) -> None:
    made.write(".env", "some words\n")
    made.add(define_plugin("one", "0.1.0").with_dependencies({"gone": True}))

    found = [each for each in examine(made.root) if each.findings]

    assert [each.check for each in found] == ["workspace", "dependencies"]
    assert found[0].findings[0].code == "RUN_VARIABLES_UNREADABLE"


def test_checks_of_a_plugin_find_the_variables_that_its_processes_get(made: MadeWorkspace) -> None:
    look = (
        "import os\n"
        "def look(): return [PluginFinding(id='a', severity='error', problem=os.environ['ONE'], fix='f')]\n"
    )
    made.write("plugins/one/checks.py", FINDING + look)
    made.write(".env", "ONE=from the file\n")
    made.add(define_plugin("one", "0.1.0").with_doctor("plugins.one.checks:look"))

    found = [finding.problem for each in examine(made.root) for finding in each.findings]

    assert found == ["from the file"]


def test_variables_that_cannot_be_read_are_found(made: MadeWorkspace) -> None:
    made.lists()
    made.write(".env", b"\xff")

    (found,) = examine(made.root)

    assert (found.check, found.status) == ("workspace", "error")


def test_a_concurrency_that_is_no_number_is_found_and_not_repeated(made: MadeWorkspace) -> None:
    made.write("plugins/one/jobs.py", SERVICE)
    values = ["", "many", "0", "-1", "1.5", "10001", "\u0664", "9" * 5000, " 1"]
    one = define_plugin("one", "0.1.0")
    for number in range(len(values) + 1):
        one = one.with_background_processor(
            f"jobs{number}", "plugins.one.jobs:main", concurrency_env=f"JOBS{number}"
        )
    made.add(one)

    found = wrong(made, variables={f"JOBS{number}": value for number, value in enumerate((*values, "10000"))})

    assert {each.where for each in found} == {("concurrency", "one", "error")}
    assert [each.problem for each in found] == [
        f"JOBS{number} is no number from 1 to 10000" for number in range(len(values))
    ]


def test_what_a_plugin_finds_itself_is_told_as_its_own(made: MadeWorkspace) -> None:
    source = (
        "def look():\n"
        "    yield PluginFinding(id='queue', severity='warning', problem='\\x1b[2J full', fix='empty it')\n"
        "    yield PluginFinding(id='mail.server', severity=Severity.ERROR, problem='away', fix='start it')\n"
    )
    made.write("plugins/one/checks.py", FINDING + source)
    made.add(define_plugin("one", "0.1.0").with_doctor("plugins.one.checks:look"))

    (row,) = [each for each in examined(made) if each.check == "own"]

    told = [(each.code, each.severity.value, each.problem, each.fix) for each in row.findings]
    assert told == [
        ("queue", "warning", "\x1b[2J full", "empty it"),
        ("mail.server", "error", "away", "start it"),
    ]
    assert row.status == "error"
    words = run("plugin", "doctor", "--project-root", str(made.root)).output
    assert "\x1b" not in words
    assert "         warning: [2J full [queue]\n         Fix: empty it\n" in words


def test_checks_of_a_plugin_that_break_are_a_finding_themselves(made: MadeWorkspace, hangs: str) -> None:
    sources = {
        "raises": ("def look(): 1 / 0", "raises ZeroDivisionError"),
        "number": (
            "def look(): return 1",
            "raises TypeError: it returns something of type int, and no findings",
        ),
        "nothing": (
            "def look(): return None",
            "raises TypeError: it returns something of type NoneType, and no findings",
        ),
        "words": (
            "def look(): return ['bad']",
            "raises TypeError: it finds something of type str, and no PluginFinding",
        ),
        "odd": (
            "def look(): yield PluginFinding(id='A', severity='error', problem='p', fix='f')",
            "raises ValidationError",
        ),
        "gone": ("", "checks:look is not there"),
        "hangs": (f"def look():\n{indent(hangs, '    ')}", "did not end within 60 s"),
    }
    for name, (source, _) in sources.items():
        made.write(f"plugins/{name}/checks.py", FINDING + source)
    made.add(*(define_plugin(name, "1").with_doctor(f"plugins.{name}.checks:look") for name in sources))

    found = wrong(made, limit=LONG)

    assert [each.where for each in found] == [("own", name, "error") for name in sources]
    told = [each.problem for each in found]
    assert all(part in problem for problem, (_, part) in zip(told, sources.values(), strict=True))


def test_a_service_that_is_not_ready_is_found_where_it_has_to_run(made: MadeWorkspace) -> None:
    made.write("plugins/one/service.py", SERVICE)
    ports = {name: unused_port() for name in ("ready", "starting", "away")}
    one = define_plugin("one", "0.1.0")
    for name, port in ports.items():
        one = one.with_service(name, "plugins.one.service:main", port=port)
    made.add(one)

    starting: Answers = {"/": (200, {"name": "starting"}), "/health/ready": (503, {})}
    with answering(ports["ready"], {"/health/ready": (200, {})}), answering(ports["starting"], starting):
        found = wrong(made, live=True)

    url = "http://127.0.0.1:{}/health/ready"
    (check,) = LIVE_CHECKS
    assert {each.where for each in found} == {(check.id, "one", "error")}
    assert [each.problem for each in found] == [
        f"service starting: {url.format(ports['starting'])} answers 503",
        f"service away: {url.format(ports['away'])} does not answer",
    ]


def test_a_report_has_a_row_for_each_check_and_a_verdict(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.1.0").with_dependencies({"gone": True}))

    told = run("plugin", "doctor", "--project-root", str(made.root))

    assert (told.code, told.errors) == (1, "")
    assert "ok       one        descriptor\n" in told.output
    assert "error    one        dependencies\n         error: one (./plugins/one/plugin.py): " in told.output
    assert "[PLG_DEP_MISSING]\n         Fix: add a plugin named gone" in told.output
    assert told.output.endswith("checks were made: 1 error, of one\n")


def test_a_report_for_programs_has_every_row(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.1.0").with_dependencies({"gone": True}), define_plugin("two", "1"))

    told = run("plugin", "doctor", "--json", "--project-root", str(made.root))

    document = json.loads(told.output)
    assert (told.code, document["ok"]) == (1, False)
    bad = [each for each in document["checks"] if each["status"] != "ok"]
    assert [(each["check"], each["plugin"]) for each in bad] == [("dependencies", "one")]
    assert bad[0]["findings"][0].keys() == {"severity", "code", "problem", "fix"}


def test_warnings_fail_only_where_that_is_asked_for(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETSCRIPT_KV_URL", raising=False)
    monkeypatch.setenv("NETSCRIPT_PROFILE", "production")
    made.add(define_plugin("one", "0.1.0").with_requirements(kv=True))

    codes = [
        run("plugin", "doctor", *options, "--project-root", str(made.root)).code
        for options in ([], ["--strict"])
    ]

    assert codes == [0, 1]


def test_one_plugin_alone_is_told_about_and_looked_at_beside_the_others(made: MadeWorkspace) -> None:
    made.add_unlisted(define_plugin("one", "0.1.0").with_dependencies({"two": True}))
    made.add_unlisted(define_plugin("two", "0.1.0"))
    made.lists(listed_as("one"), listed_as("two"), "acme-gone")

    told = run("plugin", "doctor", "one", "--json", "--project-root", str(made.root))

    document = json.loads(told.output)
    assert (told.code, document["ok"]) == (0, True)
    assert {each["plugin"] for each in document["checks"]} == {None, "one"}


@pytest.mark.parametrize("words", [["nobody"], []])
def test_where_there_is_nothing_to_look_at_it_ends_with_2(made: MadeWorkspace, words: list[str]) -> None:
    if words:
        made.lists()

    told = run("plugin", "doctor", *words, "--project-root", str(made.root))

    assert (told.code, told.output) == (2, "")
    assert told.errors


def test_the_readme_says_what_every_check_finds() -> None:
    table = (ROOT / "cli" / "README.md").read_text().partition("| check | finds |")[2].partition("\n\n")[0]

    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert {WORKSPACE, *(check.id for check in (*CHECKS, *LIVE_CHECKS))} <= set(named)


def test_a_plugin_that_stands_there_unlisted_is_told_with_how_to_list_it(made: MadeWorkspace) -> None:
    made.add(define_plugin("one", "0.1.0").with_dependencies({"push-mail": True}))
    made.add_unlisted(define_plugin("push-mail", "0.1.0"))
    command = "netscript plugin add ./plugins/push_mail/plugin.py"

    named = run("plugin", "doctor", "push-mail", "--project-root", str(made.root))
    all_of_them = run("plugin", "doctor", "--project-root", str(made.root))

    assert named.code == 2
    assert f"one is there that is not listed; to list it: {command}" in named.errors
    assert f"[PLG_DEP_MISSING]\n         Fix: {command}\n" in all_of_them.output


def test_a_syntax_error_is_told_with_its_own_file_and_line(made: MadeWorkspace) -> None:
    made.breaks("one", "x = 1\ndef")
    made.lists(listed_as("one"))

    found = only(made)

    assert f"raises SyntaxError: invalid syntax ({made.root}/plugins/one/plugin.py:2)" in found.problem


def test_a_contract_module_that_is_not_there_is_told_without_a_place_in_python(made: MadeWorkspace) -> None:
    contract: ContractVersion = {"version": "v1", "contract": "plugins.one.gone:OneV1"}
    made.add(define_plugin("one", "0.1.0").with_contract_versions([contract]))

    found = only(made)

    assert "importlib" not in found.problem
    assert found.problem.endswith("No module named 'plugins.one.gone'")
    assert found.fix == "correct it, or name another in the manifest"


def test_what_a_contract_imports_and_is_not_installed_is_told_with_what_to_install(
    made: MadeWorkspace,
) -> None:
    contract: ContractVersion = {"version": "v1", "contract": "plugins.one.contract:OneV1"}
    made.add(define_plugin("one", "0.1.0").with_contract_versions([contract]))
    made.write("plugins/one/contract.py", "\nimport acme_nothing\n")

    found = only(made)

    assert found.problem.endswith(f"({made.root}/plugins/one/contract.py:2)")
    assert found.fix == "install what brings acme_nothing, or mend the import"


def test_an_entrypoint_whose_registry_is_broken_is_told_with_its_own_fix(made: MadeWorkspace) -> None:
    made.add(notifier())
    source = """
from netscript_kernel.plugins import FaultCode, PluginFault, PluginInvalidError

raise PluginInvalidError([PluginFault(FaultCode.REGISTRY_STALE, "jobs", "is stale", "generate")])
"""
    made.write("plugins/notifier/service.py", source)

    found = only(made)

    assert found.problem.endswith("jobs is stale [PLG_REGISTRY_STALE]")
    assert found.fix == "generate"
