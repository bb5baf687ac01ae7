"""The provider tells applications that somebody signed out."""

from collections.abc import AsyncGenerator
from urllib.parse import parse_qs

import pytest
from joserfc import jwt

from netscript_dev_provider import Client, ProviderConfig
from netscript_dev_provider.backchannel import post_form
from netscript_dev_provider.changes import Members
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from tests.dev_provider.relying_party import ISSUER, REDIRECT_URI, RelyingParty, as_object
from tests.support.asgi_server import Gate, serving
from tests.support.ports import unused_port

URI = "https://app.localhost/backchannel-logout"
TOLD = Client("app", "s3cret", (REDIRECT_URI,), backchannel_logout_uri=URI)


class Listener:
    """An application that is told of sign-outs."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.is_there = True

    async def __call__(self, uri: str, form: bytes) -> int:
        assert uri == URI
        if not self.is_there:
            raise ConnectionRefusedError(uri)
        (token,) = parse_qs(form.decode(), strict_parsing=True)["logout_token"]
        self.tokens.append(token)
        return 200


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def app(clock: SettableClock, listener: Listener) -> RelyingParty:
    return RelyingParty(DevProvider(config=ProviderConfig(ISSUER, (TOLD,)), clock=clock.now, post=listener))


def _read(app: RelyingParty, token: str) -> tuple[Members, Members]:
    read = jwt.decode(token, app.idp.provider.keys.current, ["RS256"])
    return read.header, read.claims


async def test_a_sign_out_is_told_with_the_person_and_the_session(
    app: RelyingParty, listener: Listener, clock: SettableClock
) -> None:
    tokens = await app.tokens()
    sid = _read(app, tokens["id_token"])[1]["sid"]

    response = await app.http.get("/end_session", params={"id_token_hint": tokens["id_token"]})

    assert response.status_code == 200
    header, claims = _read(app, listener.tokens[0])
    assert header["typ"] == "logout+jwt"
    now = int(clock.now().timestamp())
    jti = claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "aud": "app",
        "iat": now,
        "exp": now + 120,
        "sub": "dev|alice",
        "sid": sid,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    assert len(jti) >= 16


async def test_a_sign_out_is_told_once(app: RelyingParty, listener: Listener) -> None:
    tokens = await app.tokens()

    for _ in range(2):
        await app.http.get("/end_session", params={"id_token_hint": tokens["id_token"]})

    assert len(listener.tokens) == 1


async def test_an_application_that_does_not_listen_keeps_nobody_signed_in(
    app: RelyingParty, listener: Listener
) -> None:
    listener.is_there = False
    tokens = await app.tokens()

    response = await app.http.get("/end_session", params={"id_token_hint": tokens["id_token"]})

    assert response.status_code == 200
    assert (await app.userinfo(tokens["access_token"])).status_code == 401


async def test_its_metadata_says_that_it_tells(app: RelyingParty) -> None:
    metadata = as_object(await app.http.get("/.well-known/openid-configuration"))

    assert metadata["backchannel_logout_supported"] is True
    assert metadata["backchannel_logout_session_supported"] is True


@pytest.fixture
async def far_away(app: RelyingParty) -> AsyncGenerator[tuple[Gate, str]]:
    """Somebody who is reached over the network; the provider itself will do."""
    port = unused_port()
    async with serving(app.idp.app, port) as gate:
        yield gate, f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(("path", "status"), [("/revoke", 401), ("/nowhere", 404)])
async def test_over_the_network_the_form_arrives_and_the_status_comes_back(
    far_away: tuple[Gate, str], path: str, status: int
) -> None:
    gate, address = far_away

    answered = await post_form(f"{address}{path}", b"logout_token=a.b.c")

    assert (gate.bodies, answered) == ([b"logout_token=a.b.c"], status)


async def test_over_the_network_nobody_is_an_error(far_away: tuple[Gate, str]) -> None:
    del far_away

    with pytest.raises(OSError, match="refused"):
        await post_form(f"http://127.0.0.1:{unused_port()}/", b"")


def test_an_address_that_is_no_web_address_is_refused() -> None:
    with pytest.raises(ValueError, match="javascript"):
        Client("app", "s3cret", (REDIRECT_URI,), backchannel_logout_uri="javascript:alert(1)")
