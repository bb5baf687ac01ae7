"""Who may say who is there: the proxy, and nobody else."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from header_proxy_netscript.settings import HeaderProxySettings
from header_proxy_netscript.testing import PROXY, open_for_tests
from header_proxy_netscript.vouching import Vouched, Vouching
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_kernel.errors import ConfigurationError

PREFIX = "NETSCRIPT_AUTH_HEADER_PROXY"
NOBODY = Anonymous(AnonymousReason.NO_SESSION)
MALFORMED = Anonymous(AnonymousReason.COOKIE_MALFORMED)
UNKNOWN = Anonymous(AnonymousReason.SESSION_UNKNOWN)
HEADERS = {
    "x-forwarded-user": "alice",
    "x-forwarded-email": "alice@acme.example",
    "cookie": "_oauth2_proxy=abc",
}


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


class TestHeaderProxyBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest]:
        async with open_for_tests() as subject:
            yield subject


def vouching(trusted: str = PROXY) -> Vouching:
    return Vouching(HeaderProxySettings.from_environment({f"{PREFIX}_TRUSTED": trusted}))


def from_proxy(**headers: str | None) -> AuthRequest:
    """A request as the proxy passes it on, with some headers of its own, or without them."""
    changed = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    kept = {name: value for name, value in changed.items() if value is not None}
    return AuthRequest(headers=kept, peer=PROXY)


def test_the_proxy_is_believed() -> None:
    vouched = vouching().read(from_proxy())

    assert isinstance(vouched, Vouched)
    assert (vouched.user, vouched.email) == ("alice", "alice@acme.example")


@pytest.mark.parametrize(
    "peer",
    [
        None,
        "",
        "10.1.2.4",
        "110.1.2.3",
        "10.1.2.3, 10.9.9.9",
        "proxy",
        "::1",
        "::ffff:10.1.2.4",
        "::10.1.2.3",
    ],
)
def test_from_anywhere_else_it_is_nobody_whatever_the_headers_say(peer: str | None) -> None:
    headers = {**HEADERS, "x-forwarded-for": PROXY, "forwarded": f"for={PROXY}", "x-real-ip": PROXY}

    assert vouching().read(AuthRequest(headers=headers, peer=peer)) == NOBODY


@pytest.mark.parametrize(
    ("trusted", "peer"),
    [
        ("10.1.2.0/24", "10.1.2.250"),
        ("192.0.2.1, 10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "::ffff:10.1.2.3"),
        ("fd00:1::/64", "fd00:1::7"),
    ],
)
def test_a_network_is_trusted_with_every_address_in_it(trusted: str, peer: str) -> None:
    vouched = vouching(trusted).read(from_proxy()._replace(peer=peer))

    assert isinstance(vouched, Vouched)


@pytest.mark.parametrize(
    "user", [None, "", " ", "alice, mallory", "alice,mallory", "a b", "al\nice", "a" * 256, "älice"]
)
def test_a_user_who_is_missing_told_twice_or_odd_is_nobody(user: str | None) -> None:
    assert vouching().read(from_proxy(x_forwarded_user=user)) == UNKNOWN


@pytest.mark.parametrize("email", ["", "alice", "a@b.example, c@d.example", "a@b@c", "a b@c"])
def test_an_address_that_is_empty_told_twice_or_odd_is_nobodys(email: str) -> None:
    assert vouching().read(from_proxy(x_forwarded_email=email)) == UNKNOWN


@pytest.mark.parametrize("name", ["x_forwarded_user", "x-forwarded_user", "x-forwarded-user ", "remote-user"])
def test_a_header_that_looks_like_it_is_no_way_in(name: str) -> None:
    request = from_proxy(x_forwarded_user=None)
    forged = request._replace(headers={**request.headers, name: "alice"})

    assert vouching().read(forged) == UNKNOWN


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (None, NOBODY),
        ("_oauth2_proxy_csrf=x; other=y", NOBODY),
        ("_oauth2_proxy_1=x", NOBODY),
        ("_oauth2_proxy_00=x", NOBODY),
        ("; ".join(f"_oauth2_proxy_{n}=x" for n in range(21)), MALFORMED),
        ("_oauth2_proxy=x; _oauth2_proxy=y", Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)),
        ("_oauth2_proxy_0=x; _oauth2_proxy_0=x", Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)),
    ],
)
def test_without_one_session_of_the_proxy_it_is_nobody(cookie: str | None, expected: Anonymous) -> None:
    assert vouching().read(from_proxy(cookie=cookie)) == expected


@pytest.mark.parametrize(
    "other",
    [
        {"cookie": "_oauth2_proxy=abd"},
        {"cookie": "_oauth2_proxy_0=abc; _oauth2_proxy_1=def"},
        {"x_forwarded_user": "bob"},
        {"x_forwarded_email": "bob@acme.example"},
        {"x_forwarded_email": None},
    ],
)
def test_another_person_or_another_cookie_is_another_session(other: dict[str, str | None]) -> None:
    read = vouching()

    assert read.recognise(from_proxy(**other)) != read.recognise(from_proxy())


def test_a_cookie_in_pieces_is_one_session_in_whichever_order_they_come() -> None:
    read = vouching()

    there = read.recognise(from_proxy(cookie="_oauth2_proxy_0=abc; _oauth2_proxy_1=def"))

    assert there == read.recognise(from_proxy(cookie="_oauth2_proxy_1=def; _oauth2_proxy_0=abc"))
    assert isinstance(there, str)


@pytest.mark.parametrize(
    ("cookie", "more"),
    [
        ("_oauth2_proxy=abc", "_oauth2_proxy_0=made-up"),
        ("_oauth2_proxy_0=abc", "_oauth2_proxy_2=made-up"),
        ("_oauth2_proxy_0=abc", "_oauth2_proxy_00=made-up; _oauth2_proxy_01=made-up"),
        ("_oauth2_proxy_0=abc", "_oauth2_proxy_1000000=made-up"),
    ],
)
def test_made_up_pieces_make_no_other_session(cookie: str, more: str) -> None:
    read = vouching()

    there = read.recognise(from_proxy(cookie=f"{more}; {cookie}"))

    assert there == read.recognise(from_proxy(cookie=cookie))
    assert isinstance(there, str)


def test_a_cookie_may_have_twenty_pieces() -> None:
    pieces = "; ".join(f"_oauth2_proxy_{n}=x" for n in range(20))

    assert isinstance(vouching().recognise(from_proxy(cookie=pieces)), str)


@pytest.mark.anyio
async def test_an_address_that_the_proxy_names_is_not_verified() -> None:
    async with open_for_tests() as subject:
        outcome = await subject.backend.authenticate(from_proxy())

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.email == "alice@acme.example"
    assert outcome.identity.user.email_verified is False


@pytest.mark.anyio
async def test_the_limit_is_the_proxys_so_a_cookie_that_outlives_ours_begins_another_session() -> None:
    async with open_for_tests() as subject:
        first = await subject.backend.authenticate(from_proxy())
        assert isinstance(first, Authenticated)
        subject.clock.set(first.identity.session.expires_at)
        at_its_end = await subject.backend.authenticate(from_proxy())
        subject.clock.advance(timedelta(minutes=10))

        later = await subject.backend.authenticate(from_proxy())

    assert at_its_end == Anonymous(AnonymousReason.SESSION_EXPIRED)
    assert isinstance(later, Authenticated)
    assert later.identity.session.created_at > first.identity.session.expires_at


@pytest.mark.parametrize(
    "trusted",
    [
        *["", " ", ",", "10.1.2.3,", "10.1.2.3/24", "10.1.2", "proxy", "10.1.2.3:80", "*"],
        *["0.0.0.0/0", "::/0", "0.0.0.0/1,128.0.0.0/1", "10.1.2.3, 10.0.0.0/7", "::/1,8000::/1", "fc00::/15"],
    ],
)
def test_a_list_that_names_nothing_everything_or_half_a_network_stops_the_start(trusted: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{PREFIX}_TRUSTED"):
        vouching(trusted)


@pytest.mark.parametrize("trusted", ["10.0.0.0/8", "fd00::/16"])
def test_the_widest_network_that_may_be_trusted_is_one_that_a_house_has_to_itself(trusted: str) -> None:
    assert isinstance(vouching(trusted), Vouching)


def test_a_missing_list_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match=f"{PREFIX}_TRUSTED: is not set"):
        HeaderProxySettings.from_environment({})
