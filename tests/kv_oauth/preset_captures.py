"""Dated captures of what providers publish, in ``captures/<preset>.json``, held against the presets."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig, make_config
from netscript_auth_kv_oauth.presets.protocol import ClientAuth, RefreshTokens
from netscript_auth_kv_oauth.presets.schema import EXACT, NEVER, ProviderPreset
from netscript_kernel.json_documents import find

CAPTURES: Final = Path(__file__).parent / "captures"
# What a preset of plain OAuth 2.0 has to be held to, where no metadata tells it, before it counts as proven.
ESSENTIAL: Final = (
    "endpoints.authorization",
    "endpoints.token",
    "endpoints.userinfo",
    "client_auth",
    "profile.subject",
)


class Document(BaseModel):
    """One thing that the provider published.

    Attributes:
        seen: When it was read or written, as exactly as that is known.
    """

    model_config = ConfigDict(extra="forbid")

    what: str
    source: str
    seen: str


class Capture(BaseModel):
    """What was read.

    Attributes:
        seen: The day of the newest document that the preset leans on.
        parameters: Of the preset, as in the metadata.
        metadata: Members of the metadata, as published.
        facts: What documents say, by the field of the preset that says it.
    """

    model_config = ConfigDict(extra="forbid")

    seen: date
    documents: list[Document]
    parameters: dict[str, str]
    metadata: dict[str, Any] = {}
    facts: dict[str, Any]


def captured() -> list[str]:
    """Return the ids of the presets that have a capture."""
    return sorted(file.stem for file in CAPTURES.glob("*.json"))


def read_capture(preset_id: str) -> Capture:
    """Return the capture of a preset."""
    return Capture.model_validate_json((CAPTURES / f"{preset_id}.json").read_bytes())


def disagreements(preset: ProviderPreset, capture: Capture) -> set[str]:
    """Return the names of what a preset says otherwise than its provider."""
    config = make_config(
        preset, client_id="app", redirect_uri="https://a.example", parameters=capture.parameters
    )
    of_metadata = {name for name, agrees in _of_metadata(config, capture.metadata) if not agrees}
    return of_metadata | {path for path, value in capture.facts.items() if said(preset, path) != value}


def said(preset: ProviderPreset, path: str) -> object:
    """Return what a preset says, as JSON has it."""
    if path == "nonce_rule":
        return preset.nonce_rule.value
    return find(preset.model_dump(mode="json"), path)


def _of_metadata(config: ProviderConfig, metadata: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    preset, endpoints = config.preset, config.endpoints
    if not metadata:
        return
    is_named = metadata.get("issuer") == config.metadata_issuers[0]
    yield "issuer", is_named or not preset.is_openid
    for field, member in (
        ("authorization", "authorization_endpoint"),
        ("token", "token_endpoint"),
        ("userinfo", "userinfo_endpoint"),
        ("revocation", "revocation_endpoint"),
    ):
        own = getattr(endpoints, field)
        yield f"endpoints.{field}", own is None or metadata.get(member, own) == own
    yield "scopes", _are_among(preset.scopes, metadata.get("scopes_supported"))
    yield "offline.scope", _are_among(_offline(preset), metadata.get("scopes_supported"))
    by_metadata = preset.client_auth is ClientAuth.BY_METADATA
    methods = metadata.get("token_endpoint_auth_methods_supported")
    yield "client_auth", by_metadata or _are_among((preset.client_auth.value,), methods)
    algorithms = metadata.get("id_token_signing_alg_values_supported")
    yield "id_token.algorithms", algorithms is None or bool({*preset.id_token.algorithms} & {*algorithms})
    modes = metadata.get("response_modes_supported")
    yield "response_mode", preset.response_mode is None or _are_among((preset.response_mode,), modes)
    yield "pkce", _are_among((preset.pkce.value,), metadata.get("code_challenge_methods_supported"))
    yield "response_issuer", _response_issuer_agrees(config, metadata)


def _response_issuer_agrees(config: ProviderConfig, metadata: dict[str, Any]) -> bool:
    if not metadata.get("authorization_response_iss_parameter_supported"):
        return True
    rule = config.preset.response_issuer_rule
    expected = config.issuer if rule == EXACT else config.filled(rule)
    return rule != NEVER and expected == metadata.get("issuer")


def _offline(preset: ProviderPreset) -> tuple[str, ...]:
    is_asked = preset.offline.given is RefreshTokens.ON_REQUEST and preset.offline.scope
    return (preset.offline.scope,) if is_asked else ()


def _are_among(values: tuple[str, ...], offered: list[str] | None) -> bool:
    return offered is None or {*values} <= {*offered}
