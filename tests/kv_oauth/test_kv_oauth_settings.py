"""What the backend reads from the environment, and what it says of what it cannot use."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_auth_core.backends import BackendContext, find_backend
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import Device, ExternalIdentity
from netscript_auth_core.events import LogEventSink
from netscript_auth_kv_oauth import KvOAuthBackend, KvOAuthSettings, ProviderConfig
from netscript_auth_kv_oauth.presets.protocol import Revocation
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.memory import MemoryKvStore

PREFIX = "NETSCRIPT_AUTH_"
SECRET = "hunter2-of-the-app"
ACME = "PROVIDER_ACME_LOGIN"
OIDC = {
    "NETSCRIPT_AUTH_ISSUER": "https://login.acme.example",
    "NETSCRIPT_AUTH_CLIENT_ID": "app",
    "NETSCRIPT_AUTH_CLIENT_SECRET": SECRET,
}
GOOGLE = {
    "NETSCRIPT_AUTH_PROVIDER": "google",
    "NETSCRIPT_AUTH_CLIENT_ID": "app.apps.googleusercontent.com",
    "NETSCRIPT_AUTH_CLIENT_SECRET": SECRET,
}
SEVERAL = {
    "NETSCRIPT_AUTH_PROVIDERS": "google, acme-login",
    "NETSCRIPT_AUTH_PROVIDER_GOOGLE_CLIENT_ID": "app.apps.googleusercontent.com",
    "NETSCRIPT_AUTH_PROVIDER_GOOGLE_CLIENT_SECRET": SECRET,
    "NETSCRIPT_AUTH_PROVIDER_ACME_LOGIN_ISSUER": "https://login.acme.example",
    "NETSCRIPT_AUTH_PROVIDER_ACME_LOGIN_CLIENT_ID": "app",
}
DEVELOPMENT = {"NETSCRIPT_PROFILE": "development"}
WRONG = "sentinel-value-of-the-operator"

_SOMEBODY = ExternalIdentity(issuer="https://login.acme.example", subject="s", provider_id="oidc")


def _issuer(issuer: str) -> dict[str, str]:
    return OIDC | {f"{PREFIX}ISSUER": issuer}


def without(environment: Mapping[str, str], *fields: str) -> dict[str, str]:
    """Leave variables out."""
    return {name: value for name, value in environment.items() if name.removeprefix(PREFIX) not in fields}


FAULTS: dict[str, tuple[Mapping[str, str], set[str], str]] = {
    "nothing": ({}, {"PROVIDER", "CLIENT_ID"}, "such as google or github"),
    "an unknown provider": (OIDC | {f"{PREFIX}PROVIDER": WRONG}, {"PROVIDER"}, "auth providers list"),
    "a provider in capitals": (
        GOOGLE | {f"{PREFIX}PROVIDER": "Google"},
        {"PROVIDER"},
        "mean google?",
    ),
    "a provider with a space": (
        GOOGLE | {f"{PREFIX}PROVIDER": " google"},
        {"PROVIDER"},
        "mean google?",
    ),
    "an empty provider": (OIDC | {f"{PREFIX}PROVIDER": " "}, {"PROVIDER"}, "set but empty"),
    "oidc without issuer": (
        without(OIDC, "ISSUER") | {f"{PREFIX}PROVIDER": "oidc"},
        {"ISSUER"},
        "is not set",
    ),
    "no client id": (without(OIDC, "CLIENT_ID"), {"CLIENT_ID"}, "the provider gave"),
    "an empty client id": (OIDC | {f"{PREFIX}CLIENT_ID": ""}, {"CLIENT_ID"}, "set but empty"),
    "a client id with a space": (OIDC | {f"{PREFIX}CLIENT_ID": f"{WRONG} "}, {"CLIENT_ID"}, "has spaces"),
    "google without secret": (without(GOOGLE, "CLIENT_SECRET"), {"CLIENT_SECRET"}, "Google needs it"),
    "a secret with a line end": (
        OIDC | {f"{PREFIX}CLIENT_SECRET": f"{WRONG}\n"},
        {"CLIENT_SECRET"},
        "has spaces",
    ),
    "an issuer with a fragment": (_issuer("https://a.example/#x"), {"ISSUER"}, "fragment"),
    "an issuer with a query": (_issuer("https://a.example/?x=1"), {"ISSUER"}, "query"),
    "an issuer with a bare question mark": (_issuer("https://a.example?"), {"ISSUER"}, "query"),
    "a plain issuer": (_issuer("http://a.example"), {"ISSUER"}, "plain http"),
    "a plain issuer on loopback": (_issuer("http://localhost:9094"), {"ISSUER"}, "development profile"),
    "a plain issuer elsewhere, in development": (
        _issuer("http://a.example") | DEVELOPMENT,
        {"ISSUER"},
        "plain http",
    ),
    "an issuer with a space behind": (_issuer("https://a.example "), {"ISSUER"}, "space"),
    "an issuer without scheme": (_issuer("a.example"), {"ISSUER"}, "absolute URL"),
    "an issuer of another scheme": (_issuer("ftp://a.example"), {"ISSUER"}, "https URL"),
    "an issuer with a password": (_issuer("https://a:b@a.example"), {"ISSUER"}, "password"),
    "an issuer with an odd port": (_issuer("https://a.example:99999"), {"ISSUER"}, "absolute URL"),
    "an issuer without end": (_issuer(f"https://a.example/{'x' * 600}"), {"ISSUER"}, "longer than"),
    "an issuer for google": (
        GOOGLE | {f"{PREFIX}ISSUER": "https://a.example"},
        {"ISSUER"},
        "fixed for Google",
    ),
    "a plain callback": (
        OIDC | {f"{PREFIX}REDIRECT_URI": "http://auth.acme.example/callback"},
        {"REDIRECT_URI"},
        "plain http",
    ),
    "a path as callback": (OIDC | {f"{PREFIX}REDIRECT_URI": "/callback"}, {"REDIRECT_URI"}, "absolute URL"),
    "a sign-out at one that has none": (
        GOOGLE | {f"{PREFIX}END_SESSION": "true"},
        {"END_SESSION"},
        "Google signs out no browser",
    ),
    "a sign-out that is neither": (
        OIDC | {f"{PREFIX}END_SESSION": "perhaps"},
        {"END_SESSION"},
        "true or false",
    ),
    "a revocation of another kind": (
        OIDC | {f"{PREFIX}REVOCATION": "all"},
        {"REVOCATION"},
        "consent or none",
    ),
    "scopes without openid": (OIDC | {f"{PREFIX}SCOPES": "email"}, {"SCOPES"}, "lacks openid"),
    "scopes in quotes": (OIDC | {f"{PREFIX}SCOPES": '"openid email"'}, {"SCOPES"}, "character"),
    "a life that is none": (OIDC | {f"{PREFIX}SESSION_TTL": WRONG}, {"SESSION_TTL"}, "such as 24h or 7d"),
    "a life of no time": (OIDC | {f"{PREFIX}SESSION_TTL": "0"}, {"SESSION_TTL"}, "between 1m and 400d"),
    "a life of centuries": (
        OIDC | {f"{PREFIX}SESSION_TTL": "999999999d"},
        {"SESSION_TTL"},
        "between 1m and 400d",
    ),
    **{
        f"{most} sessions": (
            OIDC | {f"{PREFIX}SESSIONS_PER_USER": most},
            {"SESSIONS_PER_USER"},
            "between 1 and 500",
        )
        for most in ("0", "501", "many")
    },
    "idle longer than life": (
        OIDC | {f"{PREFIX}SESSION_TTL": "1h", f"{PREFIX}SESSION_IDLE_TTL": "2h"},
        {"SESSION_IDLE_TTL"},
        "longer than",
    ),
    "secret and file": (
        OIDC | {f"{PREFIX}CLIENT_SECRET_FILE": "/nowhere"},
        {"CLIENT_SECRET"},
        "set only one of them",
    ),
    "a file that is not there": (
        without(GOOGLE, "CLIENT_SECRET") | {f"{PREFIX}CLIENT_SECRET_FILE": "/nowhere"},
        {"CLIENT_SECRET_FILE"},
        "cannot be read",
    ),
    "several and one": (SEVERAL | OIDC, {"ISSUER", "CLIENT_ID", "CLIENT_SECRET"}, "PROVIDERS too"),
    "one in the variable of several": (
        {f"{PREFIX}PROVIDERS": "google", f"{PREFIX}CLIENT_ID": "auth-api"},
        {"CLIENT_ID", "PROVIDER_GOOGLE_CLIENT_ID", "PROVIDER_GOOGLE_CLIENT_SECRET"},
        "for one provider, NETSCRIPT_AUTH_PROVIDER in place of NETSCRIPT_AUTH_PROVIDERS",
    ),
    "several and a provider": (SEVERAL | {f"{PREFIX}PROVIDER": "google"}, {"PROVIDER"}, "PROVIDERS too"),
    "several twice": (
        SEVERAL | {f"{PREFIX}PROVIDERS": "google,google"},
        {"PROVIDERS", ACME},
        "different names",
    ),
    "several with a path": (
        SEVERAL | {f"{PREFIX}PROVIDERS": "google,../x"},
        {"PROVIDERS", ACME},
        "different names",
    ),
    "none of several": (
        SEVERAL | {f"{PREFIX}PROVIDERS": ","},
        {"PROVIDERS", ACME, "PROVIDER_GOOGLE"},
        "names",
    ),
    "an unknown one of several": (
        SEVERAL | {f"{PREFIX}PROVIDERS": f"google,acme-login,{WRONG}"},
        {"PROVIDERS"},
        "at position 3",
    ),
    "one of several without client id": (
        without(SEVERAL, f"{ACME}_CLIENT_ID"),
        {f"{ACME}_CLIENT_ID"},
        "is not set",
    ),
    "one of several with a callback not its own": (
        SEVERAL | {f"{PREFIX}{ACME}_REDIRECT_URI": "https://auth.acme.example/callback"},
        {f"{ACME}_REDIRECT_URI"},
        "/callback/acme-login",
    ),
    "a stray one of several": (
        OIDC | {f"{PREFIX}PROVIDER_GITHUB_CLIENT_ID": WRONG},
        {"PROVIDER_GITHUB_CLIENT_ID"},
        "no configured provider",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_cannot_be_used_is_told_with_its_variable_and_never_with_its_value(case: str) -> None:
    environment, variables, words = FAULTS[case]

    with pytest.raises(ConfigurationError) as refusal:
        KvOAuthSettings.from_environment(environment)

    named = {fault.variable for fault in refusal.value.faults}
    assert all(any(name.startswith(f"{PREFIX}{each}") for name in named) for each in variables)
    assert all(any(name.startswith(f"{PREFIX}{each}") for each in variables) for name in named)
    assert words in str(refusal.value)
    assert all(fault.fix for fault in refusal.value.faults)
    assert SECRET not in str(refusal.value)
    assert WRONG not in str(refusal.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        KvOAuthSettings.from_environment(
            {
                f"{PREFIX}ISSUER": "http://a.example",
                f"{PREFIX}REDIRECT_URI": "http://a.example",
                f"{PREFIX}SCOPES": "email",
                f"{PREFIX}SESSION_TTL": "soon",
            }
        )

    named = {fault.variable.removeprefix(PREFIX) for fault in refusal.value.faults}
    assert named == {"ISSUER", "REDIRECT_URI", "SCOPES", "SESSION_TTL", "CLIENT_ID"}


def test_an_issuer_is_enough_to_mean_an_openid_provider() -> None:
    (config,) = _configs(OIDC)

    assert (config.id, config.issuer, config.client_id) == ("oidc", "https://login.acme.example", "app")
    assert config.redirect_uri == "https://auth.acme.example/api/v1/auth/callback"
    assert config.display_name == "login.acme.example"
    assert config.scopes == ("openid", "email", "profile")
    assert SECRET not in repr(config)


def test_google_needs_no_issuer() -> None:
    (config,) = _configs(GOOGLE | {f"{PREFIX}SCOPES": "openid, email  offline_access"})

    assert config.issuer == "https://accounts.google.com"
    assert config.scopes == ("openid", "email", "offline_access")


def test_several_providers_have_callbacks_of_their_own() -> None:
    google, acme = _configs(SEVERAL)

    assert (google.id, acme.id) == ("google", "acme-login")
    assert google.redirect_uri == "https://auth.acme.example/api/v1/auth/callback/google"
    assert acme.redirect_uri == "https://auth.acme.example/api/v1/auth/callback/acme-login"
    assert (acme.display_name, acme.client_secret) == ("Acme Login", None)


def test_one_name_in_the_long_form_keeps_the_one_callback() -> None:
    names = {f"{PREFIX}PROVIDERS": "acme-login"}
    (config,) = _configs({**{k: v for k, v in SEVERAL.items() if ACME in k}, **names})

    assert config.redirect_uri == "https://auth.acme.example/api/v1/auth/callback"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    names = {f"{PREFIX}PROVIDER_GOOGLE_CLIENT_SECRET_FILE": str(file)}

    google, _ = _configs(without(SEVERAL, "PROVIDER_GOOGLE_CLIENT_SECRET") | names)

    assert google.client_secret is not None
    assert google.client_secret.get_secret_value() == SECRET


@pytest.mark.parametrize(
    "issuer", ["http://localhost:9094", "http://idp.acme.localhost", "http://[::1]:9094"]
)
def test_plain_http_on_this_machine_is_for_development(issuer: str) -> None:
    (config,) = _configs(_issuer(issuer) | DEVELOPMENT, is_production=False)

    assert config.issuer == issuer
    with pytest.raises(ConfigurationError, match="plain http"):
        _configs(_issuer(issuer) | DEVELOPMENT, is_production=True)


def test_a_callback_on_this_machine_may_be_plain() -> None:
    (config,) = _configs(OIDC | {f"{PREFIX}REDIRECT_URI": "http://127.0.0.1:8094/callback"})

    assert config.redirect_uri == "http://127.0.0.1:8094/callback"


@pytest.mark.parametrize(
    ("variable", "is_known"),
    [
        ("NETSCRIPT_AUTH_PROVIDER_GOOGLE_CLIENT_ID", True),
        ("NETSCRIPT_AUTH_PROVIDER_MY_IDP_CLIENT_SECRET_FILE", True),
        ("NETSCRIPT_AUTH_PROVIDER_GOOGLE_COLOUR", False),
        ("NETSCRIPT_AUTH_PROVIDER_CLIENT_ID", False),
    ],
)
def test_the_service_can_ask_whether_a_variable_is_read(variable: str, is_known: bool) -> None:
    assert KvOAuthSettings.knows(variable) is is_known


async def test_the_entry_point_opens_the_backend() -> None:
    definition = find_backend("kv-oauth")
    clock = SettableClock()
    store = MemoryKvStore(clock)
    context = BackendContext(
        public_url="https://auth.acme.example",
        is_production=True,
        store=store,
        keys=KeyRing(parse_keys(generate_key())),
        users=UserDirectory(store, clock),
        clock=clock,
        events=LogEventSink(),
    )

    lives = {
        f"{PREFIX}SESSION_TTL": "2h",
        f"{PREFIX}SESSION_IDLE_TTL": "1h",
        f"{PREFIX}SESSIONS_PER_USER": "1",
    }
    backend = await definition.open(definition.settings.from_environment(OIDC | lives), context)

    assert isinstance(backend, KvOAuthBackend)
    session = (await backend.sessions.create(_SOMEBODY, Device())).session
    assert session.expires_at - session.created_at == timedelta(hours=2)
    assert session.idle_expires_at - session.created_at == timedelta(hours=1)
    clock.advance(timedelta(seconds=1))
    another = (await backend.sessions.create(_SOMEBODY, Device())).session
    assert await backend.sessions.list_for_user(session.user_id) == (another,)
    await backend.aclose()
    await store.check_health()


def _configs(environment: Mapping[str, str], *, is_production: bool = True) -> tuple[ProviderConfig, ...]:
    settings = KvOAuthSettings.from_environment(environment)
    return settings.provider_configs(public_url="https://auth.acme.example", is_production=is_production)


def test_signing_out_at_the_provider_is_asked_for_by_provider() -> None:
    (short,) = _configs(OIDC | {f"{PREFIX}END_SESSION": "true", f"{PREFIX}REVOCATION": "consent"})
    google, acme = _configs(
        SEVERAL
        | {
            f"{PREFIX}{ACME}_END_SESSION": "true",
            f"{PREFIX}{ACME}_REVOCATION": "none",
        }
    )

    assert (short.end_session, short.revocation) == (True, Revocation.CONSENT)
    assert (google.end_session, google.revocation) == (False, Revocation.CONSENT)
    assert (acme.end_session, acme.revocation) == (True, Revocation.NONE)


def test_by_default_no_browser_is_sent_to_the_provider_and_one_token_is_ended() -> None:
    (config,) = _configs(OIDC)

    assert (config.end_session, config.revocation) == (False, Revocation.TOKEN)
