"""The files of the presets, and the schema that holds them."""

import re
import tomllib
from inspect import isclass
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from netscript_auth_kv_oauth.configuration.provider_checks import ID
from netscript_auth_kv_oauth.configuration.registrations import RegistrationOfOne
from netscript_auth_kv_oauth.presets.files import FOLDER, find_preset, get_preset, parameter_names, preset_ids
from netscript_auth_kv_oauth.presets.parameters import ParameterKind, fill
from netscript_auth_kv_oauth.presets.schema import ProviderPreset
from netscript_kernel.addresses import address_problem
from netscript_kernel.json_documents import is_array, is_object
from netscript_plugin_auth.settings import AuthServiceSettings

PRESETS = preset_ids()
LINK = re.compile(r"https://\S+")
WORDS = re.compile(r"the [A-Za-z ]+ of your [A-Za-z0-9 ,]+|the developer settings of your own GitHub")
EVIDENCE = {"state": "declared", "what": "words", "source": "RFC 6749", "seen": "2026-11-26"}
OPENID = {
    "id": "acme",
    "display_name": "Acme",
    "kind": "oidc",
    "console": "https://acme.example",
    "issuer": "https://{domain}",
    "scopes": ["openid"],
    "parameters": {"domain": {"kind": "host", "fix": "the domain", "example": "login.acme.example"}},
    "evidence": EVIDENCE,
}
PLAIN = OPENID | {
    "kind": "oauth2",
    "client_auth": "client_secret_post",
    "endpoints": {
        "authorization": "https://{domain}/authorize",
        "token": "https://{domain}/token",
        "userinfo": "https://{domain}/me",
    },
}


@pytest.mark.parametrize("preset_id", PRESETS)
def test_a_file_is_named_after_its_preset_and_holds_a_sound_one(preset_id: str) -> None:
    preset = get_preset(preset_id)

    assert preset.id == preset_id
    assert ID.fullmatch(preset_id)
    assert set(preset.needs_scopes) <= set(preset.scopes)
    assert LINK.fullmatch(preset.console) or WORDS.fullmatch(preset.console)
    assert all(LINK.fullmatch(quirk.source) for quirk in preset.quirks)


@pytest.mark.parametrize("preset_id", PRESETS)
def test_every_address_of_a_preset_is_sound_once_its_parameters_are_in_it(preset_id: str) -> None:
    preset = get_preset(preset_id)
    examples = {name: each.default or each.example for name, each in preset.parameters.items()}

    filled = {name: fill(template, examples) for name, template in preset.templates()}

    problems = {name: address_problem(url, allow_loopback_http=False) for name, url in filled.items()}
    assert {name: problem for name, problem in problems.items() if problem} == {}


@pytest.mark.parametrize("preset_id", PRESETS)
def test_the_examples_of_parameters_would_be_taken(preset_id: str) -> None:
    parameters = get_preset(preset_id).parameters

    assert [
        name
        for name, each in parameters.items()
        if not each.is_secret
        and (each.problem(each.example) or (each.default and each.problem(each.default)))
    ] == []


def test_no_parameter_takes_the_name_of_another_variable() -> None:
    of_the_service = {AuthServiceSettings.variable(each) for each in AuthServiceSettings.model_fields}
    variables = {f"NETSCRIPT_AUTH_{name}".upper() for name in parameter_names()}

    assert variables & of_the_service == set()
    assert parameter_names() & RegistrationOfOne.model_fields.keys() == set()


def test_the_names_of_parameters_are_found_without_reading_the_files() -> None:
    read = {name for each in PRESETS for name in get_preset(each).parameters}

    assert parameter_names() == read


@pytest.mark.parametrize("name", ["", "nonsense", "../presets/github", "GitHub", "github.toml", "github\0"])
def test_another_name_is_no_preset(name: str) -> None:
    assert find_preset(name) is None


def test_a_preset_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(LookupError, match=r"no preset githup; there are: .*github"):
        get_preset("githup")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "blue"}, "colour"),
        ({"parameters": {}}, "uses undeclared parameters: domain"),
        ({"kind": "oauth2"}, "has no endpoints"),
        ({"kind": "oauth2"}, "says nowhere who a person is"),
        ({"kind": "oauth2"}, "client authentication"),
        ({"endpoints": PLAIN["endpoints"]}, "whose metadata has the endpoints"),
        ({"client_auth": "client_secret_jwt"}, "client_auth"),
        ({"id": "Acme Login"}, "id"),
        ({"id_token": {"tenants": {
            "parameter": "tenant", "many": {}, "claim": "tid", "issuer": "https://a", "allowed": "allowed",
        }}}, "has tenants without their parameters"),
        ({"profile": {"subject": "a b"}}, "profile.subject"),
    ],
)  # fmt: skip
def test_a_preset_that_does_not_fit_together_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ProviderPreset.model_validate(OPENID | changes)

    assert words in str(refusal.value)


@pytest.mark.parametrize("document", [OPENID, PLAIN])
def test_one_that_does_is_taken(document: dict[str, object]) -> None:
    assert ProviderPreset.model_validate(document).id == "acme"


def test_every_field_of_the_schema_is_said_by_some_preset() -> None:
    documents = [tomllib.loads((FOLDER / f"{each}.toml").read_text()) for each in PRESETS]
    said = {path for document in documents for path in _paths(ProviderPreset, document)}

    assert sorted(_all_paths(ProviderPreset) - said) == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (ParameterKind.HOST, ["a.example", "localhost:80"], ["https://a.example", "a/b", "a@b", "a b", "."]),
        (ParameterKind.SEGMENT, ["acme", "a.b-c_d"], ["..", ".", "a/b", "a?b", "a#b", "a%2fb", "{x}", ""]),
        (ParameterKind.ADDRESS, ["https://a.example/b"], ["a.example", "ftp://a", "https://a b"]),
        (ParameterKind.CLAIM, ["sub", "a.b.0", "cognito:username"], ["a..b", ".a", "a b", "{x}"]),
        (ParameterKind.LIST, ["a", "a,b"], ["a,,b", "a b", ",a", ""]),
    ],
)  # fmt: skip
def test_what_is_put_into_an_address_cannot_lead_elsewhere(
    kind: ParameterKind, good: list[str], bad: list[str]
) -> None:
    parameter = get_preset("okta").parameters["domain"].model_copy(update={"kind": kind})

    assert [value for value in good if parameter.problem(value)] == []
    assert [value for value in bad if parameter.problem(value) is None] == []


def _held_by(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the model that a field holds, alone or as items, where it holds one."""
    annotation = model.model_fields[name].annotation
    candidates = (annotation, *get_args(annotation))
    return next((each for each in candidates if isclass(each) and issubclass(each, BaseModel)), None)


def _all_paths(model: type[BaseModel], prefix: str = "") -> set[str]:
    paths: set[str] = set()
    for name in model.model_fields:
        held = _held_by(model, name)
        paths |= _all_paths(held, f"{prefix}{name}.") if held else {f"{prefix}{name}"}
    return paths


def _paths(model: type[BaseModel], document: object, prefix: str = "") -> set[str]:
    if is_array(document):
        return {path for each in document for path in _paths(model, each, prefix)}
    paths: set[str] = set()
    for name, value in document.items() if is_object(document) else ():
        held = _held_by(model, name) if name in model.model_fields else model
        if held is None:
            paths.add(f"{prefix}{name}")
        else:  # a name of the preset's own, such as a parameter's, adds nothing to the path
            paths |= _paths(held, value, prefix if held is model else f"{prefix}{name}.")
    return paths
