"""Presets are what their providers publish; one that says ``proven`` is held to it here, or run elsewhere."""

from typing import Any

import pytest

from netscript_auth_kv_oauth.presets.files import get_preset, preset_ids
from netscript_auth_kv_oauth.presets.schema import ProviderPreset
from tests.kv_oauth.preset_captures import (
    ESSENTIAL,
    Capture,
    captured,
    disagreements,
    read_capture,
    said,
)
from tests.kv_oauth.proofs import RUN_AT_A_SERVER, RUN_AT_AN_EMULATOR

PRESETS = preset_ids()
CAPTURED = captured()
MEMBERS = [(each, member) for each in CAPTURED for member in read_capture(each).metadata]
FACTS = [(each, path) for each in CAPTURED for path in read_capture(each).facts]
# Published, and of no consequence for a preset: discovery reads them anew each time.
UNUSED = {"jwks_uri", "end_session_endpoint"}


def test_every_capture_is_of_a_preset() -> None:
    assert set(CAPTURED) <= set(PRESETS)


@pytest.mark.parametrize("preset_id", CAPTURED)
def test_a_preset_agrees_with_what_its_provider_publishes(preset_id: str) -> None:
    capture = read_capture(preset_id)

    assert disagreements(get_preset(preset_id), capture) == set()
    assert capture.documents
    assert capture.facts or capture.metadata


@pytest.mark.parametrize("preset_id", PRESETS)
def test_what_is_called_proven_has_its_proof_and_the_proof_its_word(preset_id: str) -> None:
    evidence = get_preset(preset_id).evidence
    has = {
        "capture": preset_id in CAPTURED,
        "server": preset_id in RUN_AT_A_SERVER,
        "emulator": preset_id in RUN_AT_AN_EMULATOR,
    }

    assert (evidence.state == "proven") is bool(evidence.by)
    assert all(has[way] for way in evidence.by)
    assert [way for way in ("server", "emulator") if has[way] and way not in evidence.by] == []


@pytest.mark.parametrize("preset_id", [each for each in PRESETS if "capture" in get_preset(each).evidence.by])
def test_a_proof_by_capture_covers_what_a_sign_in_needs(preset_id: str) -> None:
    preset, capture = get_preset(preset_id), read_capture(preset_id)

    assert preset.evidence.seen == capture.seen
    if preset.is_openid:
        assert "issuer" in capture.metadata or "issuer" in capture.facts
        return
    known = {*capture.facts, *_named_by_metadata(capture)}
    assert [path for path in ESSENTIAL if path not in known and said(preset, path)] == []


@pytest.mark.parametrize(("preset_id", "path"), FACTS)
def test_a_fact_that_is_another_is_noticed(preset_id: str, path: str) -> None:
    capture = read_capture(preset_id)
    facts = capture.facts | {path: _another(capture.facts[path])}

    found = disagreements(get_preset(preset_id), capture.model_copy(update={"facts": facts}))

    assert found == {path}


@pytest.mark.parametrize(("preset_id", "member"), [each for each in MEMBERS if each[1] not in UNUSED])
def test_other_metadata_is_noticed_where_the_preset_leans_on_it(preset_id: str, member: str) -> None:
    capture, preset = read_capture(preset_id), get_preset(preset_id)
    metadata = capture.metadata | {member: _another(capture.metadata[member])}

    found = disagreements(preset, capture.model_copy(update={"metadata": metadata}))

    assert bool(found) is _leans_on(preset, member)


@pytest.mark.parametrize(
    ("preset_id", "changes"),
    [
        ("google", {"issuer": "https://accounts.google.example"}),
        ("okta", {"scopes": ("openid", "emails")}),
        ("apple", {"client_auth": "client_secret_basic"}),
        ("discord", {"response_issuer": "https://discord.example"}),
        ("discord", {"response_issuer": None}),
        ("microsoft", {"issuer": "https://login.microsoftonline.com/{tenant}"}),
        ("x", {"scope_separator": ","}),
    ],
)
def test_a_preset_that_is_changed_is_noticed(preset_id: str, changes: dict[str, Any]) -> None:
    preset = ProviderPreset.model_validate(get_preset(preset_id).model_dump() | changes)

    assert disagreements(preset, read_capture(preset_id)) != set()


def _leans_on(preset: ProviderPreset, member: str) -> bool:
    match member:
        case "issuer":
            return preset.is_openid or preset.response_issuer is not None
        case "authorization_endpoint" | "token_endpoint" | "userinfo_endpoint" | "revocation_endpoint":
            return said(preset, f"endpoints.{member.removesuffix('_endpoint')}") is not None
        case "token_endpoint_auth_methods_supported":
            return preset.client_auth.value != "by_metadata"
        case "response_modes_supported":
            return preset.response_mode is not None
        case "authorization_response_iss_parameter_supported":
            return False  # that it is promised no more is no contradiction: it may be absent
        case _:
            return True


def _named_by_metadata(capture: Capture) -> set[str]:
    named = {
        f"endpoints.{member.removesuffix('_endpoint')}"
        for member in capture.metadata
        if member.endswith("_endpoint")
    }
    return named | ({"client_auth"} if "token_endpoint_auth_methods_supported" in capture.metadata else set())


def _another(value: object) -> object:
    """Return something of the same kind that is not this."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x" if value else "x"
        case list():
            return ["another"]
        case _:
            return {"another": "one"}
