"""``netscript auth providers ...``: what can be configured by its name, and what there is to know of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from netscript_auth_core import backends
from netscript_auth_core.catalogue import KnownEvidence, KnownProvider, KnownQuirk, KnownVariable
from netscript_auth_core.memory import definition
from netscript_kernel.errors import ConfigurationError
from netscript_plugin_auth import configuration
from netscript_plugin_auth.commands.provider_texts import WIDTH
from netscript_plugin_auth.commands.providers import print_list, print_one
from tests.plugin_auth.test_auth_commands import run

Printed = Callable[[], str]
ACME = KnownProvider(
    id="acme",
    display_name="Acme",
    kind="oidc",
    console="https://acme.example/apps",
    scopes=("openid",),
    variables=(
        KnownVariable(
            name="NETSCRIPT_AUTH_PROVIDER",
            name_of_several="NETSCRIPT_AUTH_PROVIDERS",
            meaning="which provider",
            value="acme",
            is_required=True,
        ),
        *(
            KnownVariable(
                name=f"NETSCRIPT_AUTH_A_LONG_NAME_{number}",
                name_of_several=f"NETSCRIPT_AUTH_PROVIDER_ACME_A_LONG_NAME_{number}",
                meaning="words " * 30,
                is_required=True,
                is_secret=number == 1,
            )
            for number in range(5)
        ),
        KnownVariable(
            name="NETSCRIPT_AUTH_HOST",
            name_of_several="NETSCRIPT_AUTH_PROVIDER_ACME_HOST",
            meaning="the host",
            default="acme.example",
            is_required=False,
        ),
    ),
    notes=("it is slow",),
    quirks=(KnownQuirk("it answers in capitals", "https://acme.example/docs", date(2026, 11, 26)),),
    evidence=KnownEvidence(
        state="declared", by=(), what="nothing yet", source="https://acme.example", seen=date(2026, 11, 26)
    ),
)


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    return lambda: capsys.readouterr().out


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment that chooses a backend which knows one provider."""
    of_acme = replace(definition, catalogue=lambda: (ACME,))
    known: Mapping[str, backends.AnyDefinition] = {"acme": of_acme, "plain": definition}

    def find(name: str, definitions: object) -> backends.AnyDefinition:
        return known[name]

    monkeypatch.setattr(configuration, "find_backend", find)
    return {"NETSCRIPT_AUTH_BACKEND": "acme"}


def test_the_list_has_a_line_for_each_and_no_line_is_too_long(printed: Printed, acme: dict[str, str]) -> None:
    code = print_list(acme, as_json=False)

    heading, first, *more = printed().splitlines()
    assert code == 0
    assert heading.split()[:3] == ["ID", "NAME", "KIND"]
    assert first.split()[:6] == ["acme", "Acme", "oidc", "-", "(declared)", "2026-11-26"]
    needs = " ".join([first, *more[:3]]).replace(",", "").split()[6:11]
    assert needs == [f"A_LONG_NAME_{number}" for number in range(5)]
    assert max(map(len, (heading, first, *more))) <= WIDTH


def test_one_is_shown_with_what_to_set_and_what_to_register(printed: Printed, acme: dict[str, str]) -> None:
    code = print_one(
        acme | {"NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.mine.example/"}, "acme", as_json=False
    )

    text = printed()
    lines = [line.strip() for line in text.splitlines()]
    assert code == 0
    assert lines[0] == "Acme (acme), OpenID Connect"
    assert "NETSCRIPT_AUTH_PROVIDER=acme" in lines
    assert "or in a file named by NETSCRIPT_AUTH_A_LONG_NAME_1_FILE" in lines
    assert "NETSCRIPT_AUTH_HOST (acme.example unless set): the host" in lines
    assert "NETSCRIPT_AUTH_PROVIDER_ACME_HOST" in lines
    assert "Register this service at https://acme.example/apps" in lines
    assert "redirect URI https://auth.mine.example/api/v1/auth/callback" in lines
    assert "beside other providers: https://auth.mine.example/api/v1/auth/callback/acme" in lines
    assert "it is slow" in lines
    assert "it answers in capitals (https://acme.example/docs, 2026-11-26)" in lines
    assert "How far this is proven: declared, 2026-11-26" in lines
    assert max(map(len, text.splitlines())) <= WIDTH


def test_programs_get_all_of_it_as_json(printed: Printed, acme: dict[str, str]) -> None:
    print_list(acme, as_json=True)
    (listed,) = json.loads(printed())
    print_one(acme, "acme", as_json=True)
    shown = json.loads(printed())

    assert shown == listed | {
        "redirect_uri": "https://auth.acme.example/api/v1/auth/callback",
        "redirect_uri_of_several": "https://auth.acme.example/api/v1/auth/callback/acme",
    }
    assert (listed["id"], listed["evidence"]["seen"]) == ("acme", "2026-11-26")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("acne", "Did you mean acme? All there are"),
        ("ACME", "Did you mean acme?"),
        ("x", "by name. All there are"),
    ],
)
def test_another_id_is_told_with_what_was_perhaps_meant(
    name: str, words: str, acme: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = print_one(acme, name, as_json=False)

    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert words in told.err


def test_a_backend_that_knows_none_by_name_says_so(acme: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="knows no providers by name"):
        print_list({"NETSCRIPT_AUTH_BACKEND": "plain"}, as_json=False)


def test_the_default_backend_shows_all_of_its_providers(printed: Printed) -> None:
    print_list({}, as_json=True)
    known = json.loads(printed())

    for each in known:
        assert print_one({}, each["id"], as_json=False) == 0
        lines = printed().splitlines()
        too_long = [line for line in lines if len(line) > WIDTH and not line.strip(" (").startswith("https:")]
        assert too_long == []
    assert {"github", "google", "microsoft", "oidc", "oauth2"} <= {each["id"] for each in known}


def test_the_command_prints_them(tmp_path: Path) -> None:
    listed = run("auth", "providers", "list", folder=tmp_path)
    shown = run("auth", "providers", "show", "okta", "--json", folder=tmp_path)
    wrong = run("auth", "providers", "show", "octa", folder=tmp_path)

    assert (listed.returncode, listed.stderr) == (0, "")
    assert "okta" in listed.stdout
    assert json.loads(shown.stdout)["id"] == "okta"
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Did you mean okta?" in wrong.stderr
