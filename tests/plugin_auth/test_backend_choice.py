"""``netscript auth backend set``: the one line of ``.env``, and nothing else."""

from pathlib import Path

import pytest

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import generate_key
from netscript_plugin_auth.commands.backend_choice import set_backend
from tests.plugin_auth.test_auth_commands import run

KEPT = (
    "# ours\r\nNETSCRIPT_AUTH_PUBLIC_URL=https://auth.acme.example\n"
    f"NETSCRIPT_AUTH_KEYS='{generate_key()}'  # a key\nNETSCRIPT_KV_URL=memory://\n"
    "BETTER_AUTH_URL=https://app.acme.example\nBETTER_AUTH_SECRET=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$\n"
)

COMMENT = "# NETSCRIPT_AUTH_BACKEND=a\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".env"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (KEPT, f"{KEPT}NETSCRIPT_AUTH_BACKEND=better-auth\n"),
        (KEPT.rstrip(), f"{KEPT}NETSCRIPT_AUTH_BACKEND=better-auth\n"),
        (f"NETSCRIPT_AUTH_BACKEND='kv-oauth' # x\r\n{KEPT}", f"NETSCRIPT_AUTH_BACKEND=better-auth\r\n{KEPT}"),
        (
            f"{KEPT}# NETSCRIPT_AUTH_BACKEND=a\n",
            f"{KEPT}# NETSCRIPT_AUTH_BACKEND=a\nNETSCRIPT_AUTH_BACKEND=better-auth\n",
        ),
    ],
    ids=["no line", "no line end", "a line", "a comment"],
)
def test_the_one_line_changes_and_all_else_stays(file: Path, before: str, after: str) -> None:
    file.write_bytes(before.encode())
    file.chmod(0o640)

    assert set_backend("better-auth", is_rehearsal=False) == 0

    assert file.read_bytes().decode() == after
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("name", ["nope", "kv-oauth"])
def test_a_backend_that_would_not_start_changes_nothing(file: Path, name: str) -> None:
    text = f"{KEPT}NETSCRIPT_AUTH_BACKEND=better-auth\n".encode()
    file.write_bytes(text)

    with pytest.raises(ConfigurationError):
        set_backend(name, is_rehearsal=False)

    assert file.read_bytes() == text


def test_a_rehearsal_says_what_would_be_and_changes_nothing(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(KEPT.encode())

    assert set_backend("better-auth", is_rehearsal=True) == 0

    told = capsys.readouterr().out
    assert told.startswith("NETSCRIPT_AUTH_BACKEND would be better-auth\n")
    assert "signed in by kv-oauth stays so, name it in NETSCRIPT_AUTH_DRAIN_BACKENDS" in told
    assert file.read_bytes() == KEPT.encode()


def test_a_link_stays_one_and_what_it_leads_to_is_changed(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "real.env"
    target.write_text(KEPT)
    file.symlink_to(target)

    assert set_backend("better-auth", is_rehearsal=False) == 0

    assert file.is_symlink()
    assert "NETSCRIPT_AUTH_BACKEND=better-auth" in target.read_text()


def test_a_write_that_fails_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(KEPT)
    before = file.read_bytes()

    def fail(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fail)

    with pytest.raises(ConfigurationError, match="cannot be written"):
        set_backend("better-auth", is_rehearsal=False)

    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "value",
    ["one\nNETSCRIPT_AUTH_BACKEND=two\nthree", "one\nNETSCRIPT_AUTH_BACKEND=two"],
    ids=["within", "at its end"],
)
def test_a_value_of_several_lines_that_looks_like_the_variable_is_left_alone(file: Path, value: str) -> None:
    text = f"{KEPT}OTHER='{value}'\n".encode()
    file.write_bytes(text)

    with pytest.raises(ConfigurationError, match="does not understand"):
        set_backend("better-auth", is_rehearsal=False)

    assert file.read_bytes() == text


def test_a_file_with_a_line_that_says_nothing_is_left_alone(file: Path) -> None:
    text = f"{KEPT}hushed words\n".encode()
    file.write_bytes(text)

    with pytest.raises(ConfigurationError, match=r"\.env: line 7: says nothing"):
        set_backend("better-auth", is_rehearsal=False)

    assert file.read_bytes() == text


def test_a_real_variable_that_would_win_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(KEPT)

    done = run("auth", "backend", "set", "better-auth", folder=tmp_path, NETSCRIPT_AUTH_BACKEND="kv-oauth")

    assert (done.returncode, done.stdout) == (2, "")
    assert "NETSCRIPT_AUTH_BACKEND is set in the environment, which wins over .env" in done.stderr
    assert "BACKEND" not in (tmp_path / ".env").read_text()
