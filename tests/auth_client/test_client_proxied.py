"""Behind a proxy that asks auth-api: its identity headers count, and nobody else's."""

from ipaddress import ip_network
from typing import Any

import pytest

from netscript_auth_client.authenticator import ProxiedPrincipal, ProxyAuthenticator, create_authenticator
from netscript_kernel.access import Anonymous, Authenticated, Denied
from netscript_kernel.errors import ConfigurationError
from tests.auth_client.asgi_calls import http_scope

URL = "https://acme.example"
USER, EMAIL, GROUPS = b"x-auth-request-user", b"x-auth-request-email", b"x-auth-request-groups"
ALICE = (USER, b"usr_alice")
PROXY = ("10.1.2.3", 40000)
VARIABLES = {"MODE": "proxy", "PUBLIC_URL": URL, "TRUSTED_PROXIES": "10.1.2.3"}

Header = tuple[bytes, bytes]


def environment(**variables: str) -> dict[str, str]:
    return {f"NETSCRIPT_CALLERS_{name}": value for name, value in variables.items()}


def authenticator(**options: Any) -> ProxyAuthenticator:
    return ProxyAuthenticator([ip_network("10.1.2.3")], public_url=URL, **options)


def scope(*headers: Header, client: object = PROXY, method: str = "GET") -> dict[str, Any]:
    made = http_scope("/me", *headers, method=method, query_string=b"", root_path="")
    return {**made, "client": client}


async def test_the_proxy_says_who_it_is_and_what_they_are() -> None:
    said = scope(ALICE, (EMAIL, b"alice@acme.example"), (GROUPS, b"admin,clerk"))

    outcome = await authenticator().authenticate(said)

    assert outcome == Authenticated(
        ProxiedPrincipal("usr_alice", "alice@acme.example", frozenset({"admin", "clerk"}))
    )


@pytest.mark.parametrize(
    "headers", [[], [(USER, b"")], [(EMAIL, b"alice@acme.example")], [(GROUPS, b"admin")]]
)
async def test_where_the_proxy_names_nobody_it_is_nobody(headers: list[Header]) -> None:
    outcome = await authenticator().authenticate(scope(*headers))

    assert outcome == Anonymous("no_session")


@pytest.mark.parametrize(
    "client", [("10.1.2.4", 1), ("127.0.0.1", 1), ("::1", 1), ("10.1.2.3.evil.example", 1), ("", 1), None]
)
async def test_nobody_but_the_proxy_says_who_it_is(client: object) -> None:
    forwarded = (b"x-forwarded-for", b"10.1.2.3")

    outcome = await authenticator().authenticate(scope(ALICE, forwarded, client=client))

    assert outcome == Anonymous("not_by_proxy")


@pytest.mark.parametrize("name", [USER, EMAIL, GROUPS])
async def test_a_header_that_is_there_twice_is_nobodys(name: bytes) -> None:
    said = [ALICE, (EMAIL, b"alice@acme.example"), (GROUPS, b"clerk"), (name, b"root")]

    outcome = await authenticator().authenticate(scope(*said))

    assert outcome == Anonymous("credential_ambiguous")


@pytest.mark.parametrize(
    "headers",
    [
        [(USER, b"usr_alice,usr_root")],
        [(USER, b"usr alice")],
        [(USER, b"usr_\xe4lice")],
        [(USER, b"u" * 321)],
        [ALICE, (EMAIL, b"a@b,c@d")],
        [ALICE, (GROUPS, b"admin,,clerk")],
        [ALICE, (GROUPS, b"admin, clerk")],
        [ALICE, (GROUPS, b",".join([b"x" * 300] * 60))],
    ],
    ids=str,
)
async def test_what_auth_api_never_says_is_nobodys(headers: list[Header]) -> None:
    outcome = await authenticator().authenticate(scope(*headers))

    assert outcome == Anonymous("identity_malformed")


@pytest.mark.parametrize("name", [b"x_auth_request_user", b"x-auth_request-user", b"x-forwarded-user"])
async def test_other_spellings_and_names_are_not_read(name: bytes) -> None:
    outcome = await authenticator().authenticate(scope((name, b"usr_alice")))

    assert outcome == Anonymous("no_session")


@pytest.mark.parametrize(
    ("method", "origin", "is_let_in"),
    [
        ("GET", b"https://blog.acme.example", True),
        ("POST", b"https://acme.example", True),
        ("POST", b"https://app.acme.example", True),
        ("POST", b"https://blog.acme.example", False),
        ("POST", b"null", False),
        ("DELETE", b"http://acme.example", False),
    ],
)
async def test_pages_of_other_origins_change_nothing(method: str, origin: bytes, *, is_let_in: bool) -> None:
    behind = authenticator(allowed_origins=["https://app.acme.example"])

    outcome = await behind.authenticate(scope(ALICE, (b"origin", origin), method=method))

    assert outcome == (Authenticated(ProxiedPrincipal("usr_alice")) if is_let_in else Denied("cross_site"))


async def test_the_environment_says_whose_headers_count() -> None:
    behind = create_authenticator(environment(**VARIABLES))

    outcomes = [await behind.authenticate(scope(ALICE, client=each)) for each in (PROXY, ("10.1.2.4", 1))]

    assert [type(outcome) for outcome in outcomes] == [Authenticated, Anonymous]


@pytest.mark.parametrize(
    ("public_url", "origin"),
    [
        ("https://ACME.example", b"https://acme.example"),
        ("HTTPS://acme.example:443/", b"https://acme.example"),
        ("https://Acme.example:8443", b"https://acme.example:8443"),
        ("http://localhost:80", b"http://localhost"),
        ("http://localhost:443", b"http://localhost:443"),
        ("https://[FD00::7]:443", b"https://[fd00::7]"),
    ],
)
async def test_the_pages_of_the_public_url_change_things_however_it_is_written(
    public_url: str, origin: bytes
) -> None:
    behind = create_authenticator(environment(**{**VARIABLES, "PUBLIC_URL": public_url}))

    outcome = await behind.authenticate(scope(ALICE, (b"origin", origin), method="POST"))

    assert outcome == Authenticated(ProxiedPrincipal("usr_alice"))


@pytest.mark.parametrize(
    ("variables", "faulty"),
    [
        ({"MODE": "proxy"}, {"PUBLIC_URL", "TRUSTED_PROXIES"}),
        ({**VARIABLES, "TRUSTED_PROXIES": "hidden"}, {"TRUSTED_PROXIES"}),
        ({**VARIABLES, "TRUSTED_PROXIES": "0.0.0.0/0"}, {"TRUSTED_PROXIES"}),
        ({**VARIABLES, "TRUSTED_PROXIES": ""}, {"TRUSTED_PROXIES"}),
        ({**VARIABLES, "PUBLIC_URL": "http://hidden.example"}, {"PUBLIC_URL"}),
        ({**VARIABLES, "PUBLIC_URL": "https://acme.example/hidden"}, {"PUBLIC_URL"}),
        ({**VARIABLES, "ALLOWED_ORIGINS": "hidden"}, {"ALLOWED_ORIGINS"}),
        ({**VARIABLES, "ALLOWED_ORIGINS": "https://hidden.example:443"}, {"ALLOWED_ORIGINS"}),
        ({**VARIABLES, "ALLOWED_ORIGINS": "https://Hidden.example"}, {"ALLOWED_ORIGINS"}),
        ({**VARIABLES, "AUTH_URL": "https://hidden.example"}, {"AUTH_URL"}),
        ({**VARIABLES, "FEED_SECRET_FILE": "/hidden"}, {"FEED_SECRET_FILE"}),
        ({**VARIABLES, "TRUSTED_PROXY": "hidden"}, {"TRUSTED_PROXY"}),
        ({"AUTH_URL": URL, "TRUSTED_PROXIES": "10.1.2.3"}, {"TRUSTED_PROXIES"}),
    ],
)
def test_every_fault_is_told_by_its_variable_and_no_value_is(
    variables: dict[str, str], faulty: set[str]
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create_authenticator(environment(**variables))

    assert {fault.variable for fault in refusal.value.faults} == set(environment(**dict.fromkeys(faulty, "")))
    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            {**VARIABLES, "PUBLIC_URL": f"{URL}/orders"},
            "PUBLIC_URL: has a path or a query. Fix: where browsers reach this service, without a path,"
            " such as https://acme.example",
        ),
        (
            {"AUTH_URL": f"{URL}/api", "PUBLIC_URL": URL},
            "AUTH_URL: has a path or a query. Fix: where this service reaches auth-api, without a path,"
            " such as https://auth.acme.example",
        ),
    ],
)
def test_an_address_with_a_path_is_told_what_it_is_in_its_mode(variables: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create_authenticator(environment(**variables))

    assert str(refusal.value) == f"NETSCRIPT_CALLERS_{told}"
