"""What the server refuses to start with, and what its command line means."""

from datetime import timedelta

import pytest

from netscript_dev_provider.options import RefusedStartError, read_options

DEVELOPMENT = {"NETSCRIPT_PROFILE": "development"}
CALLBACK = "http://localhost:8094/api/v1/auth/callback"
OFF_LOOPBACK = ["0.0.0.0", "::", "192.168.1.10", "example.com", "", "localhost.evil.example"]  # noqa: S104  refused
ARGUMENTS = ["--redirect-uri", CALLBACK]


@pytest.mark.parametrize("profile", [None, "production", "DEVELOPMENT", ""])
def test_it_starts_under_the_development_profile_only(profile: str | None) -> None:
    environment = {} if profile is None else {"NETSCRIPT_PROFILE": profile}

    with pytest.raises(RefusedStartError, match="NETSCRIPT_PROFILE=development"):
        read_options(ARGUMENTS, environment)


@pytest.mark.parametrize("host", OFF_LOOPBACK)
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(RefusedStartError, match="not loopback"):
        read_options([*ARGUMENTS, "--host", host], DEVELOPMENT)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "0"], "--port 0 does not exist"),
        (["--port", "65536"], "--port 65536 does not exist"),
        (["--redirect-uri", "/callback"], "redirect URI '/callback'"),
        (["--post-logout-redirect-uri", "app"], "redirect URI 'app'"),
        (["--issuer", "https://idp.example"], "not on loopback"),
        (["--client-id", ""], "client_id"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(arguments: list[str], words: str) -> None:
    with pytest.raises(RefusedStartError, match=words):
        read_options([*ARGUMENTS, *arguments], DEVELOPMENT)


@pytest.mark.parametrize("seconds", ["-1", "inf", "nan", "long", "3601"])
def test_a_delay_that_nobody_would_wait_for_is_refused(
    seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        read_options([*ARGUMENTS, "--slow-seconds", seconds], DEVELOPMENT)

    assert refusal.value.code == 2
    assert "--slow-seconds" in capsys.readouterr().err


def test_the_defaults_are_those_of_the_documentation() -> None:
    options = read_options(ARGUMENTS, DEVELOPMENT)

    client = options.config.clients[0]
    assert (options.host, options.port, options.config.issuer) == ("127.0.0.1", 9094, "http://localhost:9094")
    assert (client.client_id, client.client_secret, client.redirect_uris) == (
        "netscript-dev",
        None,
        (CALLBACK,),
    )
    assert options.config.slow_delay == timedelta(seconds=3)
    assert options.config.auto_sign_in is False


def test_the_secret_comes_from_the_environment_or_the_command_line() -> None:
    environment = {**DEVELOPMENT, "NETSCRIPT_DEV_PROVIDER_CLIENT_SECRET": "from-environment"}

    by_environment = read_options(ARGUMENTS, environment)
    by_argument = read_options([*ARGUMENTS, "--client-secret", "from-argument"], environment)

    assert by_environment.config.clients[0].client_secret == "from-environment"
    assert by_argument.config.clients[0].client_secret == "from-argument"


def test_everything_else_can_be_said_too() -> None:
    options = read_options(
        [
            *ARGUMENTS,
            *[
                "--redirect-uri",
                "http://localhost:3000/cb",
                "--post-logout-redirect-uri",
                "http://localhost:3000/",
            ],
            *["--port", "9999", "--client-id", "shop", "--slow-seconds", "0.5", "--auto-sign-in"],
        ],
        DEVELOPMENT,
    )

    client = options.config.clients[0]
    assert (options.port, options.config.issuer) == (9999, "http://localhost:9999")
    assert client.redirect_uris == (CALLBACK, "http://localhost:3000/cb")
    assert client.post_logout_redirect_uris == ("http://localhost:3000/",)
    assert options.config.slow_delay == timedelta(milliseconds=500)
    assert options.config.auto_sign_in is True


@pytest.mark.parametrize(
    ("host", "address", "issuer"),
    [
        ("localhost", "127.0.0.1", "http://localhost:9094"),
        ("127.0.0.1", "127.0.0.1", "http://localhost:9094"),
        ("127.0.0.2", "127.0.0.2", "http://127.0.0.2:9094"),
        ("::1", "::1", "http://[::1]:9094"),
        ("idp.localhost", "127.0.0.1", "http://idp.localhost:9094"),
    ],
)
def test_the_issuer_follows_the_host(host: str, address: str, issuer: str) -> None:
    options = read_options([*ARGUMENTS, "--host", host], DEVELOPMENT)

    assert (options.host, options.config.issuer) == (address, issuer)
