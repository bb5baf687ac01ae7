"""Who may call, and what a provider may be told at its start."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_dev_provider import PERSONAS, Client, ProviderConfig
from netscript_dev_provider.loopback import is_loopback_authority, is_loopback_name
from tests.dev_provider.relying_party import ISSUER, REDIRECT_URI, RelyingParty

OURS = [
    "localhost",
    "LOCALHOST:9094",
    "idp.acme.localhost:1",
    "127.0.0.1",
    "127.8.9.1:80",
    "[::1]",
    "[::1]:9094",
]
FOREIGN = [
    "evil.example",
    "localhost.evil.example",
    "evil.example:9094",
    "notlocalhost",
    "127.0.0.1.evil.example",
    "0.0.0.0",  # noqa: S104  nothing binds to it here
    "10.0.0.1:9094",
    "[::]",
    "[::2]:80",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost/evil",
    "localhost:evil",
    "localhost:99999",
    "localhost#",
    "2130706433",
    "",
    " localhost",
    "[::1",
]


@pytest.mark.parametrize("host", OURS)
async def test_a_loopback_host_is_answered(app: RelyingParty, host: str) -> None:
    response = await app.http.get("/jwks", headers={"host": host})

    assert response.status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_host_is_refused_everywhere(app: RelyingParty, host: str) -> None:
    paths = ["/", "/jwks", "/authorize", "/nowhere"]

    responses = [await app.http.get(path, headers={"host": host}) for path in paths]

    assert {response.status_code for response in responses} == {421}
    assert all("localhost" in response.text for response in responses)


async def test_two_hosts_are_refused(app: RelyingParty) -> None:
    response = await app.http.get("/jwks", headers=[("host", "localhost"), ("host", "localhost")])

    assert response.status_code == 421


@given(st.text(alphabet="aA0.1:[]@/#?-_ \t\nlocalhost", max_size=24))
def test_nothing_passes_but_what_the_standard_library_reads_the_same(authority: str) -> None:
    try:
        host = httpx.URL(f"http://{authority}/").host
    except httpx.InvalidURL:
        host = ""

    passed = is_loopback_authority(authority)

    assert not passed or is_loopback_name(host)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://idp.example",
        "http://localhost.evil.example",
        "localhost:9094",
        "ftp://localhost",
        "http://localhost:9094/?a=b",
        "http://localhost:9094/#",
        "http://localhost:0",
        "http://user@localhost",
        "http://local host",
        "http://0.0.0.0:9094",
        "",
    ],
)
def test_an_issuer_off_loopback_or_malformed_is_refused(issuer: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        ProviderConfig(issuer, (Client("app", None, (REDIRECT_URI,)),))


@pytest.mark.parametrize(
    "uri",
    ["javascript:alert(1)", "/callback", "https://app.example/#f", "https://a;b/", "http:/x", "//x", ""],
)
def test_a_redirect_uri_that_is_no_web_address_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="redirect URI"):
        Client("app", None, (uri,))
    with pytest.raises(ValueError, match="redirect URI"):
        Client("app", None, (REDIRECT_URI,), (uri,))


def test_clients_and_people_need_names_of_their_own() -> None:
    client = Client("app", None, (REDIRECT_URI,))

    with pytest.raises(ValueError, match="client_id app is configured twice"):
        ProviderConfig(ISSUER, (client, client))
    with pytest.raises(ValueError, match="persona alice is configured twice"):
        ProviderConfig(ISSUER, (client,), (PERSONAS[0], PERSONAS[0]))
    with pytest.raises(ValueError, match="at least one client"):
        ProviderConfig(ISSUER, ())


@pytest.mark.parametrize(
    ("client_id", "secret", "uris"),
    [("", None, (REDIRECT_URI,)), ("app", "", (REDIRECT_URI,)), ("app", None, ())],
)
def test_a_client_that_nobody_could_use_is_refused(
    client_id: str, secret: str | None, uris: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="client"):
        Client(client_id, secret, uris)


def test_a_secret_is_in_no_repr() -> None:
    assert "s3cret" not in repr(ProviderConfig(ISSUER, (Client("app", "s3cret", (REDIRECT_URI,)),)))
