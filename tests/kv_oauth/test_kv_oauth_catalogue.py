"""What is told of presets to those who choose one."""

import pytest

from netscript_auth_kv_oauth import KvOAuthSettings
from netscript_auth_kv_oauth.configuration.catalogue import known_providers
from netscript_auth_kv_oauth.presets.files import get_preset, preset_ids
from netscript_kernel.errors import ConfigurationError

REVOCABLE = "a token can be revoked there, and nothing else goes with it"
KNOWN = {each.id: each for each in known_providers()}


def test_every_preset_is_told() -> None:
    assert tuple(KNOWN) == preset_ids()


@pytest.mark.parametrize("preset_id", preset_ids())
def test_the_variables_that_are_told_are_those_that_are_read(preset_id: str) -> None:
    variables = KNOWN[preset_id].variables
    names = {each.name for each in variables}
    fields = {*KvOAuthSettings.model_fields}

    for each in variables:
        field = each.name.removeprefix("NETSCRIPT_AUTH_").lower()
        assert field in fields or KvOAuthSettings.knows(each.name)
        assert each.value or KvOAuthSettings.knows(each.name_of_several)
    assert len(names) == len(variables)


@pytest.mark.parametrize("preset_id", preset_ids())
def test_nothing_but_what_is_told_as_required_is_missed(preset_id: str) -> None:
    required = {each.name for each in KNOWN[preset_id].variables if each.is_required and each.value is None}

    with pytest.raises(ConfigurationError) as refusal:
        KvOAuthSettings.from_environment({"NETSCRIPT_AUTH_PROVIDER": preset_id})

    assert {fault.variable for fault in refusal.value.faults} == required


@pytest.mark.parametrize(
    ("preset_id", "note"),
    [
        ("facebook", "it gives no refresh tokens"),
        (
            "github",
            "it gives a refresh token where offline_access is among the scopes; each use brings a new one",
        ),
        ("spotify", "it gives a refresh token unasked; it may be used again"),
        ("github", "a second request tells the address, and whether it is verified"),
        ("spotify", "an address never counts as verified"),
        ("x", "it tells verified addresses only"),
        ("google", "an address counts as verified where email_verified says so"),
        ("google", "to revoke a token there ends all that the person granted to this service"),
        ("oauth2", f"{REVOCABLE}, if it names a revocation endpoint"),
        ("oidc", f"{REVOCABLE}, if it names a revocation endpoint"),
        ("twitch", REVOCABLE),
        ("cognito", "signing out there comes back by logout_uri"),
        ("github", "its answers may carry iss=https://github.com/login/oauth"),
        ("apple", "the browser brings its answers back by form_post"),
        ("linkedin", "PKCE is left out"),
        ("linkedin", "the nonce is not checked, since it does not come back"),
    ],
)
def test_how_a_provider_behaves_is_told_in_words(preset_id: str, note: str) -> None:
    assert note in KNOWN[preset_id].notes


@pytest.mark.parametrize("preset_id", preset_ids())
def test_evidence_and_quirks_are_told_as_they_are(preset_id: str) -> None:
    preset, known = get_preset(preset_id), KNOWN[preset_id]

    assert (known.evidence.state, known.evidence.by) == (preset.evidence.state, preset.evidence.by)
    assert [each.says for each in known.quirks] == [each.says for each in preset.quirks]
