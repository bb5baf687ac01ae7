"""The presets as those read them who choose a provider: what to set, and what to expect."""

from collections.abc import Iterator, Sequence
from typing import Final

from netscript_auth_core.catalogue import KnownEvidence, KnownProvider, KnownQuirk, KnownVariable
from netscript_auth_kv_oauth.configuration.provider_checks import CLIENT_ID_FIX, CLIENT_SECRET_FIX, ISSUER_FIX
from netscript_auth_kv_oauth.configuration.registrations import PREFIX
from netscript_auth_kv_oauth.presets.files import get_preset, preset_ids
from netscript_auth_kv_oauth.presets.parameters import names_in
from netscript_auth_kv_oauth.presets.profile import EmailTrust
from netscript_auth_kv_oauth.presets.protocol import ClientSecret, Nonce, Pkce, RefreshTokens, Revocation
from netscript_auth_kv_oauth.presets.schema import EXACT, NEVER, ProviderPreset

_EMAILS: Final = {
    EmailTrust.ALWAYS: "it tells verified addresses only",
    EmailTrust.NEVER: "an address never counts as verified",
}
_REVOCATIONS: Final = {
    Revocation.TOKEN: "a token can be revoked there, and nothing else goes with it",
    Revocation.CONSENT: "to revoke a token there ends all that the person granted to this service",
    Revocation.NONE: "a token cannot be revoked there",
}


def known_providers() -> Sequence[KnownProvider]:
    """Return all presets, by id."""
    return tuple(_known(get_preset(preset_id)) for preset_id in preset_ids())


def _known(preset: ProviderPreset) -> KnownProvider:
    evidence = preset.evidence
    return KnownProvider(
        id=preset.id,
        display_name=preset.display_name,
        kind=preset.kind,
        console=preset.console,
        scopes=preset.scopes,
        variables=tuple(_variables(preset)),
        notes=tuple(_notes(preset)),
        quirks=tuple(KnownQuirk(each.says, each.source, each.seen) for each in preset.quirks),
        evidence=KnownEvidence(
            state=evidence.state,
            by=evidence.by,
            what=evidence.what,
            source=evidence.source,
            seen=evidence.seen,
        ),
    )


def _variables(preset: ProviderPreset) -> Iterator[KnownVariable]:
    yield KnownVariable(
        name=f"{PREFIX}PROVIDER",
        name_of_several=f"{PREFIX}PROVIDERS",
        meaning="which provider; with several, all of their names, separated by commas",
        value=preset.id,
        is_required=True,
    )
    yield _variable(preset, "client_id", CLIENT_ID_FIX, is_required=True)
    if preset.client_secret is not ClientSecret.ES256_JWT:
        is_required = preset.client_secret is ClientSecret.REQUIRED
        yield _variable(preset, "client_secret", CLIENT_SECRET_FIX, is_required=is_required, is_secret=True)
    if preset.issuer is None:
        yield _variable(preset, "issuer", _issuer_words(preset), is_required=True)
    for name, each in preset.parameters.items():
        yield _variable(
            preset,
            name,
            each.advice,
            default=each.default,
            is_required=each.required and each.default is None,
            is_secret=each.is_secret,
        )
    if names_in(preset.issuer or ""):
        yield _variable(
            preset, "issuer", "the whole issuer, instead of what it is made of", is_required=False
        )


def _variable(
    preset: ProviderPreset,
    field: str,
    meaning: str,
    *,
    is_required: bool,
    is_secret: bool = False,
    default: str | None = None,
) -> KnownVariable:
    name, of = field.upper(), preset.id.upper().replace("-", "_")
    return KnownVariable(
        name=f"{PREFIX}{name}",
        name_of_several=f"{PREFIX}PROVIDER_{of}_{name}",
        meaning=meaning,
        default=default,
        is_required=is_required,
        is_secret=is_secret,
    )


def _issuer_words(preset: ProviderPreset) -> str:
    if preset.is_openid:
        return ISSUER_FIX
    return "a name for the provider that never changes, such as https://login.acme.example"


def _notes(preset: ProviderPreset) -> Iterator[str]:
    yield _refresh(preset)
    if preset.email_call is not None:
        yield "a second request tells the address, and whether it is verified"
    elif preset.profile.email_trust in _EMAILS:
        yield _EMAILS[preset.profile.email_trust]
    else:
        yield f"an address counts as verified where {' and '.join(preset.profile.email_verified)} says so"
    yield _revocation(preset)
    yield _step_up(preset)
    if preset.end_session is not None:
        yield f"signing out there comes back by {preset.end_session.return_parameter}"
    if preset.response_issuer_rule not in {EXACT, NEVER}:
        yield f"its answers may carry iss={preset.response_issuer_rule}"
    if preset.response_mode is not None:
        yield f"the browser brings its answers back by {preset.response_mode}"
    if preset.pkce is Pkce.NONE:
        yield "PKCE is left out"
    if preset.nonce_rule is Nonce.NOT_RETURNED:
        yield "the nonce is not checked, since it does not come back"


def _step_up(preset: ProviderPreset) -> str:
    if not preset.can_step_up:
        return "it cannot prove when somebody signed in there: maxAge is refused"
    if preset.max_age == "proven":
        return "it signs people in again for maxAge, and proves when it did"
    return "it is asked for maxAge; a sign-in that does not prove it is refused"


def _refresh(preset: ProviderPreset) -> str:
    offline = preset.offline
    if offline.given is RefreshTokens.NEVER:
        return "it gives no refresh tokens"
    how = "unasked" if offline.given is RefreshTokens.UNASKED else "where offline_access is among the scopes"
    kept = "each use brings a new one" if offline.rotates else "it may be used again"
    return f"it gives a refresh token {how}; {kept}"


def _revocation(preset: ProviderPreset) -> str:
    words, endpoint = _REVOCATIONS[preset.revocation], preset.endpoints.revocation
    is_named = preset.issuer is not None or (endpoint is not None and not names_in(endpoint))
    is_known = preset.revocation is Revocation.NONE or is_named
    return words if is_known else f"{words}, if it names a revocation endpoint"
