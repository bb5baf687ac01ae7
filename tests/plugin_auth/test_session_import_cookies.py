"""``netscript auth sessions import`` says where the cookies of what arrives do not reach."""

import json
from pathlib import Path

import pytest

from tests.plugin_auth.session_transfer import Mover
from tests.plugin_auth.test_identity_commands import who


@pytest.fixture
def mover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    return Mover(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("there", "here", "differing"),
    [
        ({}, {"NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example:8443"}, []),
        ({}, {"NETSCRIPT_AUTH_PUBLIC_URL": "https://id.acme.example"}, ["PUBLIC_URL"]),
        (
            {"NETSCRIPT_AUTH_COOKIE_DOMAIN": "acme.example"},
            {"NETSCRIPT_AUTH_PUBLIC_URL": "https://id.acme.example"},
            [],
        ),
        ({}, {"NETSCRIPT_AUTH_COOKIE_NAME": "acme"}, ["COOKIE_NAME"]),
        ({}, {"NETSCRIPT_AUTH_COOKIE_DOMAIN": "acme.example"}, ["COOKIE_DOMAIN"]),
    ],
    ids=["another port", "another host", "another host of one domain", "another name", "another domain"],
)
def test_where_their_cookies_do_not_reach_is_said_with_the_variable(
    mover: Mover,
    capsys: pytest.CaptureFixture[str],
    there: dict[str, str],
    here: dict[str, str],
    differing: list[str],
) -> None:
    mover.environment.update(there)
    mover.sign_in(who("1"))
    lines = mover.leave()
    mover.environment.update(here)
    capsys.readouterr()

    assert mover.arrive(lines) == 0

    captured = capsys.readouterr()
    variables = [f"NETSCRIPT_AUTH_{each}" for each in differing]
    assert json.loads(captured.out)["differing"] == variables
    assert captured.err.count("these people have to sign in anew here") == len(variables)
    assert all(f"{each} differs: " in captured.err for each in variables)
