"""What of a provider only the operator knows: where it is read from, and what is said of what is wrong."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from netscript_auth_kv_oauth import KvOAuthSettings, ProviderConfig, create_kv_oauth_backend, providers
from netscript_auth_kv_oauth.presets.files import get_preset, preset_ids
from netscript_kernel.errors import ConfigurationError
from tests.kv_oauth.preset_peers import PEM

PREFIX = "NETSCRIPT_AUTH_"
SECRET = "hunter2-of-the-app"
WRONG = "sentinel of the operator"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CLIENT = {"CLIENT_ID": "app", "CLIENT_SECRET": SECRET}
OKTA = {"PROVIDER": "okta", "DOMAIN": "acme.okta.com", **CLIENT}
ENTRA = {"PROVIDER": "microsoft", "TENANT": TENANT, **CLIENT}
APPLE = {
    "PROVIDER": "apple",
    "CLIENT_ID": "example.acme.web",
    "TEAM_ID": "DEF123GHIJ",
    "KEY_ID": "ABC123DEFG",
    "PRIVATE_KEY": PEM,
}
PLAIN = {
    "PROVIDER": "oauth2",
    "ISSUER": "https://login.acme.example",
    "AUTHORIZATION_ENDPOINT": "https://login.acme.example/authorize",
    "TOKEN_ENDPOINT": "https://login.acme.example/token",
    "USERINFO_ENDPOINT": "https://login.acme.example/me",
    "SUBJECT_PATH": "user.id",
    **CLIENT,
}
SEVERAL = {
    "PROVIDERS": "github,work,partner,portal",
    "PROVIDER_GITHUB_CLIENT_ID": "a",
    "PROVIDER_GITHUB_CLIENT_SECRET": SECRET,
    "PROVIDER_WORK_PRESET": "okta",
    "PROVIDER_WORK_DOMAIN": "acme.okta.com",
    "PROVIDER_WORK_CLIENT_ID": "b",
    "PROVIDER_PARTNER_PRESET": "okta",
    "PROVIDER_PARTNER_DOMAIN": "partner.okta.com",
    "PROVIDER_PARTNER_CLIENT_ID": "c",
    "PROVIDER_PORTAL_ISSUER": "https://portal.acme.example",
    "PROVIDER_PORTAL_CLIENT_ID": "d",
}


def _without(said: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in said.items() if name not in names}


FAULTS: dict[str, tuple[Mapping[str, str], dict[str, str]]] = {
    "okta without domain": (_without(OKTA, "DOMAIN"), {"DOMAIN": "is not set, and Okta needs it"}),
    "a domain that is an address": (
        OKTA | {"DOMAIN": "https://acme.okta.com"},
        {"DOMAIN": "not a host name"},
    ),
    "a domain with a path": (OKTA | {"DOMAIN": "acme.okta.com/oauth2"}, {"DOMAIN": "not a host name"}),
    "a domain that is empty": (OKTA | {"DOMAIN": " "}, {"DOMAIN": "is set but empty"}),
    "a domain and an issuer": (
        OKTA | {"ISSUER": "https://acme.okta.com/oauth2/default"},
        {"DOMAIN": "is set, and the issuer too"},
    ),
    "a parameter of another provider": (OKTA | {"TENANT": TENANT}, {"TENANT": "is nothing that Okta needs"}),
    "a parameter for google": (
        {"PROVIDER": "google", "DOMAIN": "acme.example", **CLIENT},
        {"DOMAIN": "is nothing that Google needs"},
    ),
    "a file for what is no secret": (
        _without(OKTA, "DOMAIN") | {"DOMAIN_FILE": "/nowhere"},
        {"DOMAIN": "is not set", "DOMAIN_FILE": "is nothing that Okta needs"},
    ),
    "a tenant by its domain": (
        ENTRA | {"TENANT": "acme.onmicrosoft.com"},
        {"TENANT": "does not look like one"},
    ),
    "no tenant": (_without(ENTRA, "TENANT"), {"TENANT": "Microsoft needs it"}),
    "every tenant": (ENTRA | {"TENANT": "common"}, {"ALLOWED_TENANTS": "stands for everybody's"}),
    "one tenant and a list": (
        ENTRA | {"ALLOWED_TENANTS": TENANT},
        {"ALLOWED_TENANTS": "tenant names the only one"},
    ),
    "a list that is none": (
        ENTRA | {"TENANT": "common", "ALLOWED_TENANTS": "acme"},
        {"ALLOWED_TENANTS": "does not look like one"},
    ),
    "apple with nothing of its own": (
        _without(APPLE, "TEAM_ID", "KEY_ID", "PRIVATE_KEY"),
        {"TEAM_ID": "needs it", "KEY_ID": "needs it", "PRIVATE_KEY": "needs it"},
    ),
    "a key that is none": (APPLE | {"PRIVATE_KEY": WRONG}, {"PRIVATE_KEY": "is not a private key"}),
    "a key in a file that is not there": (
        _without(APPLE, "PRIVATE_KEY") | {"PRIVATE_KEY_FILE": "/nowhere"},
        {"PRIVATE_KEY_FILE": "cannot be read"},
    ),
    "apple with a secret": (APPLE | {"CLIENT_SECRET": SECRET}, {"CLIENT_SECRET": "is made of a key"}),
    "plain endpoints over plain http": (
        PLAIN | {"TOKEN_ENDPOINT": "http://login.acme.example/token"},
        {"TOKEN_ENDPOINT": "is a plain http URL"},
    ),
    "an endpoint that is a path": (PLAIN | {"TOKEN_ENDPOINT": "/token"}, {"TOKEN_ENDPOINT": "absolute URL"}),
    "a path that is none": (PLAIN | {"SUBJECT_PATH": "user id"}, {"SUBJECT_PATH": "the name of a claim"}),
    "no endpoints at all": (
        _without(PLAIN, "AUTHORIZATION_ENDPOINT", "TOKEN_ENDPOINT", "USERINFO_ENDPOINT", "ISSUER"),
        {
            "AUTHORIZATION_ENDPOINT": "needs it",
            "TOKEN_ENDPOINT": "needs it",
            "USERINFO_ENDPOINT": "needs it",
            "ISSUER": "is not set",
        },
    ),
    "an endpoint for an openid provider": (
        {"ISSUER": "https://a.example", "TOKEN_ENDPOINT": "https://a.example/token", **CLIENT},
        {"TOKEN_ENDPOINT": "is nothing that OpenID Connect needs"},
    ),
    "an answer of an issuer that is none": (
        OKTA | {"RESPONSE_ISSUER": "acme"},
        {"RESPONSE_ISSUER": "is not an absolute URL"},
    ),
    "refresh tokens that there are not": (
        {"PROVIDER": "facebook", "SCOPES": "public_profile offline_access", **CLIENT},
        {"SCOPES": "Facebook gives no refresh tokens"},
    ),
    "scopes that tell nobody": (
        {"PROVIDER": "discord", "SCOPES": "email", **CLIENT},
        {"SCOPES": "lacks identify"},
    ),
    "a provider with a slip": ({"PROVIDER": "githup", **CLIENT}, {"PROVIDER": "did you mean github?"}),
    "a provider that is not known by name": (
        {"PROVIDER": "acme", **CLIENT},
        {"PROVIDER": "any other OpenID provider by NETSCRIPT_AUTH_ISSUER"},
    ),
    "one of several without domain": (
        _without(SEVERAL, "PROVIDER_WORK_DOMAIN", "PROVIDER_PARTNER_DOMAIN"),
        {"PROVIDER_WORK_DOMAIN": "Work needs it", "PROVIDER_PARTNER_DOMAIN": "Partner needs it"},
    ),
    "one of several of an unknown preset": (
        SEVERAL | {"PROVIDER_WORK_PRESET": "octa"},
        {"PROVIDER_WORK_PRESET": "did you mean okta?"},
    ),
    "one of several with what it does not need": (
        SEVERAL | {"PROVIDER_PORTAL_TOKEN_ENDPOINT": "https://portal.acme.example/token"},
        {"PROVIDER_PORTAL_TOKEN_ENDPOINT": "is nothing that OpenID Connect needs"},
    ),
    "several and a short form": (SEVERAL | {"DOMAIN": "acme.okta.com"}, {"DOMAIN": "configured provider"}),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_wrong_is_told_all_at_once_with_its_variable_and_never_with_its_value(case: str) -> None:
    said, expected = FAULTS[case]

    with pytest.raises(ConfigurationError) as refusal:
        _read(said)

    told = {fault.variable.removeprefix(PREFIX): fault for fault in refusal.value.faults}
    assert told.keys() == expected.keys()
    assert [
        name for name, words in expected.items() if words not in told[name].problem + told[name].fix
    ] == []
    assert all(fault.fix for fault in told.values())
    assert SECRET not in str(refusal.value)
    assert WRONG not in str(refusal.value)


@pytest.mark.parametrize(
    ("said", "issuer", "name"),
    [
        (OKTA, "https://acme.okta.com", "Okta"),
        (
            _without(OKTA, "DOMAIN") | {"ISSUER": "https://acme.okta.com/oauth2/default"},
            "https://acme.okta.com/oauth2/default",
            "Okta",
        ),
        ({"PROVIDER": "gitlab", **CLIENT}, "https://gitlab.com", "GitLab"),
        ({"PROVIDER": "gitlab", "HOST": "git.acme.example", **CLIENT}, "https://git.acme.example", "GitLab"),
        (
            {"PROVIDER": "auth0", "DOMAIN": "acme.eu.auth0.com", **CLIENT},
            "https://acme.eu.auth0.com/",
            "Auth0",
        ),
        (ENTRA, f"https://login.microsoftonline.com/{TENANT}/v2.0", "Microsoft"),
        (
            {"PROVIDER": "keycloak", "HOST": "id.acme.example", "REALM": "acme", **CLIENT},
            "https://id.acme.example/realms/acme",
            "Keycloak",
        ),
        (PLAIN, "https://login.acme.example", "login.acme.example"),
    ],
)
def test_a_provider_is_its_preset_with_what_the_operator_says(
    said: Mapping[str, str], issuer: str, name: str
) -> None:
    (config,) = _read(said)

    assert (config.issuer, config.display_name) == (issuer, name)


def test_several_may_be_of_one_preset_under_names_of_their_own() -> None:
    github, work, partner, portal = _read(SEVERAL)

    assert [each.id for each in (github, work, partner, portal)] == ["github", "work", "partner", "portal"]
    assert (work.issuer, partner.issuer) == ("https://acme.okta.com", "https://partner.okta.com")
    assert [each.preset.id for each in (github, work, partner, portal)] == ["github", "okta", "okta", "oidc"]
    assert (work.display_name, github.display_name) == ("Work", "GitHub")
    assert partner.redirect_uri.endswith("/callback/partner")


def test_a_key_may_come_from_a_file_and_shows_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "AuthKey_ABC123DEFG.p8"
    file.write_text(PEM)

    (config,) = _read(_without(APPLE, "PRIVATE_KEY") | {"PRIVATE_KEY_FILE": str(file)})

    create_kv_oauth_backend(config)
    assert "PRIVATE KEY" not in repr(config)
    assert "PRIVATE KEY" not in repr(_settings(APPLE))


@pytest.mark.parametrize(
    ("variable", "is_known"),
    [
        ("DOMAIN", True),
        ("TENANT", True),
        ("PRIVATE_KEY_FILE", True),
        ("PROVIDER_ACME_DOMAIN", True),
        ("PROVIDER_ACME_PRESET", True),
        ("PROVIDER_MY_IDP_USERINFO_ENDPOINT", True),
        ("PRESET", False),
        ("COLOUR", False),
        ("PROVIDER_DOMAIN", False),
    ],
)
def test_the_service_can_ask_whether_some_provider_reads_a_variable(variable: str, is_known: bool) -> None:
    assert KvOAuthSettings.knows(f"{PREFIX}{variable}") is is_known


def test_typed_functions_for_the_commonest_are_their_presets() -> None:
    ours: providers.Registered = {
        "client_id": "a",
        "client_secret": "b",
        "redirect_uri": "https://a.example/c",
    }
    public: providers.Registered = {"client_id": "a", "redirect_uri": "https://a.example/c"}
    made = [
        providers.google(**ours),
        providers.github(**ours),
        providers.microsoft(tenant="common", allowed_tenants=[TENANT], **ours),
        providers.apple(team_id="DEF123GHIJ", key_id="ABC123DEFG", private_key=PEM, **public),
        providers.discord(**ours),
        providers.slack(**ours),
        providers.gitlab(host="git.acme.example", **ours),
        providers.okta(domain="acme.okta.com", **ours),
        providers.keycloak(host="id.acme.example", realm="acme", **ours),
        providers.x(**ours),
    ]

    for config in made:
        create_kv_oauth_backend(config)

    assert [config.id for config in made] == [
        *("google", "github", "microsoft", "apple", "discord", "slack", "gitlab", "okta", "keycloak", "x")
    ]


@pytest.mark.parametrize("preset_id", [each for each in preset_ids() if get_preset(each).parameters])
def test_every_preset_says_what_it_lacks(preset_id: str) -> None:
    config = providers.preset(preset_id, client_id="a", client_secret="b", redirect_uri="https://a.example/c")
    required = [
        name for name, each in get_preset(preset_id).parameters.items() if each.required and not each.default
    ]

    told = ""
    try:
        create_kv_oauth_backend(config)
    except ConfigurationError as error:
        told = str(error)

    assert [name for name in required if f"{preset_id}.{name}: is not set" not in told] == []


def test_a_parameter_that_a_preset_has_not_is_refused_at_once() -> None:
    with pytest.raises(LookupError, match="okta has no parameter tenant; it has: domain"):
        providers.preset("okta", {"tenant": "acme"}, client_id="a", redirect_uri="https://a.example/c")


def _settings(said: Mapping[str, str]) -> KvOAuthSettings:
    return KvOAuthSettings.from_environment({f"{PREFIX}{name}": value for name, value in said.items()})


def _read(said: Mapping[str, str]) -> tuple[ProviderConfig, ...]:
    return _settings(said).provider_configs(public_url="https://auth.acme.example", is_production=True)
