"""Contributions are found by reading their files, and everything that is wrong with those is told."""

from pathlib import Path, PurePosixPath

import pytest

from netscript_kernel.plugins.registries import Contribution, contribution
from netscript_kernel.plugins.registries.axes import is_contributing, registry_path
from netscript_kernel.plugins.registries.scanning import Scan, scan_folder

JOBS = PurePosixPath("plugins/notifier/jobs")
DECLARED = [
    '@contribution(id="send-mail")\nasync def send(): ...',
    '@other.app.job(1, id="send-mail")\ndef send(): ...',
    '@cached\n@contribution(id="send-mail")\ndef send(): ...',
    '@job(id="send-mail")\nclass send: ...',
    'send = define_job(lambda: None, id="send-mail")',
    'send: Final = define_webhook(handler, id="send-mail", path="inbound")',
    'send = define_saga(id="send-mail").state({}).on("paid", id="other").build()',
    'send = plugin.sagas().define(id="send-mail").build()',
]


def scan(root: Path, **files: str) -> Scan:
    folder = root / JOBS
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in files.items():
        (folder / f"{name}.py").write_text(source)
    return scan_folder(root, JOBS)


def faults(scanned: Scan) -> list[tuple[str, str]]:
    return [(fault.code.value, fault.place) for fault in scanned.faults]


@pytest.mark.parametrize("source", DECLARED)
def test_whatever_is_made_with_a_literal_id_contributes(tmp_path: Path, source: str) -> None:
    scanned = scan(tmp_path, mails=source)

    assert scanned.faults == ()
    (found,) = scanned.found
    assert (found.id, found.name) == ("send-mail", "send")
    assert (found.file, found.module) == (f"{JOBS}/mails.py", "plugins.notifier.jobs.mails")


def test_nothing_of_a_file_is_run(tmp_path: Path) -> None:
    scanned = scan(tmp_path, mails=f'raise SystemExit("boom")\n{DECLARED[0]}')

    assert [found.id for found in scanned.found] == ["send-mail"]


def test_a_file_may_contribute_several_and_a_private_object_none(tmp_path: Path) -> None:
    source = 'a = make(id="second")\nb = make(id="first")\n_c = make(id="none")\n'

    scanned = scan(tmp_path, mails=source)

    assert [found.id for found in scanned.found] == ["first", "second"]


@pytest.mark.parametrize(
    ("path", "contributes"),
    [
        ("mails.py", True),
        ("deep/er/mails.py", True),
        ("__init__.py", False),
        ("_texts.py", False),
        ("_texts/mails.py", False),
        ("test_mails.py", False),
        ("mails_test.py", False),
        ("conftest.py", False),
        ("tests/mails.py", False),
        (".hidden/mails.py", False),
        ("mails.txt", False),
    ],
)
def test_private_files_and_tests_do_not_contribute(path: str, *, contributes: bool) -> None:
    assert is_contributing(PurePosixPath(path)) is contributes


@pytest.mark.parametrize(
    ("source", "code", "where"),
    [
        ("", "PLG_CONTRIBUTION_MISSING", ""),
        ("def send(): ...", "PLG_CONTRIBUTION_MISSING", ""),
        ("if True:\n    send = make(id='a')", "PLG_CONTRIBUTION_MISSING", ""),
        ("ID = 'a'\nsend = make(id=ID)", "PLG_CONTRIBUTION_ID_INVALID", ":2: send"),
        ("send = make(id=f'a')", "PLG_CONTRIBUTION_ID_INVALID", ":1: send"),
        ("send = make(id=7)", "PLG_CONTRIBUTION_ID_INVALID", ":1: send"),
        ("send = make(id='Send Mail')", "PLG_CONTRIBUTION_ID_INVALID", ":1: send"),
        ("send = make(id='')", "PLG_CONTRIBUTION_ID_INVALID", ":1: send"),
        ("send = make(id='../a')", "PLG_CONTRIBUTION_ID_INVALID", ":1: send"),
        ("send = make(**{'id': 'a'})", "PLG_CONTRIBUTION_MISSING", ""),
        (f"send = make(id='{'a' * 65}')", "PLG_CONTRIBUTION_ID_INVALID", ":1: send"),
        ("def (:", "PLG_CONTRIBUTION_UNREADABLE", ""),
        ("\0", "PLG_CONTRIBUTION_UNREADABLE", ""),
        ("(" * 5000, "PLG_CONTRIBUTION_UNREADABLE", ""),
    ],
)
def test_a_file_that_contributes_nothing_says_why(tmp_path: Path, source: str, code: str, where: str) -> None:
    scanned = scan(tmp_path, mails=source)

    assert scanned.found == ()
    assert faults(scanned) == [(code, f"{JOBS}/mails.py{where}")]


def test_one_id_in_two_files_names_both(tmp_path: Path) -> None:
    scanned = scan(tmp_path, mails=DECLARED[0], more=DECLARED[4])

    (fault,) = scanned.faults
    assert fault.code == "PLG_DUP_CONTRIBUTION"
    assert f"{JOBS}/mails.py" in fault.problem
    assert fault.place == f"{JOBS}/more.py: send"


def test_a_file_that_python_cannot_import_is_told(tmp_path: Path) -> None:
    scanned = scan(tmp_path, **{"send-mail": DECLARED[0], "class": DECLARED[4]})

    assert faults(scanned) == [
        ("PLG_CONTRIBUTION_UNREADABLE", f"{JOBS}/class.py"),
        ("PLG_CONTRIBUTION_UNREADABLE", f"{JOBS}/send-mail.py"),
    ]


def test_a_name_of_a_file_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    scanned = scan(tmp_path, **{"\x1b[2J": DECLARED[0]})

    assert faults(scanned) == [("PLG_CONTRIBUTION_UNREADABLE", f"'{JOBS}/\\x1b[2J.py'")]


def test_a_builder_may_have_many_steps(tmp_path: Path) -> None:
    scanned = scan(tmp_path, long=f"long = define(id='long'){'.on(1)' * 700}.build()")

    assert [found.id for found in scanned.found] == ["long"]


def test_what_is_imported_is_known_wherever_the_module_does_it(tmp_path: Path) -> None:
    source = (
        "import one.part, two as second\n"
        "try:\n    from three import a, b as c\nexcept ImportError:\n    import four\n"
        "if one:\n    import five\n"
        "def f():\n    import six\n"
        "mails = make(id='mails')\n"
    )

    (file,) = scan(tmp_path, mails=source).files

    assert file.imported == {"one", "second", "a", "c", "four", "five"}


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    scan(tmp_path)
    (tmp_path / JOBS / "mails.py").symlink_to("gone.py")

    assert faults(scan(tmp_path)) == [("PLG_CONTRIBUTION_UNREADABLE", f"{JOBS}/mails.py")]


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    scan(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mails.py").write_text(DECLARED[0])
    (tmp_path / JOBS / "more").symlink_to(elsewhere)

    scanned = scan(tmp_path)

    assert scanned.files == ()


def test_the_hash_is_of_what_is_declared_and_not_of_what_it_does(tmp_path: Path) -> None:
    before = scan(tmp_path, mails='@contribution(id="a")\ndef send(): ...').content_hash

    same = scan(tmp_path, mails='@contribution(id="a")\ndef send(): print()').content_hash
    other = scan(tmp_path, mails='@contribution(id="b")\ndef send(): ...').content_hash
    more = scan(tmp_path, more='@contribution(id="a")\ndef send(): ...').content_hash

    assert same == before
    assert len({before, other, more}) == 3


def test_hyphens_of_a_plugin_are_underscores_in_its_folder_of_registries() -> None:
    assert str(registry_path("push-mail", "jobs")) == ".netscript/generated/plugin_push_mail/jobs_registry.py"


def test_a_function_that_contributes_can_still_be_called() -> None:
    @contribution(id="add-one")
    def add_one(number: int) -> int:
        return number + 1

    assert isinstance(add_one, Contribution)
    assert (add_one.id, add_one(1)) == ("add-one", 2)


@pytest.mark.parametrize("text", ["", "Send", "send_mail", "-a", "a-", "a" * 65])
def test_what_cannot_be_an_id_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be the id"):
        contribution(id=text)
