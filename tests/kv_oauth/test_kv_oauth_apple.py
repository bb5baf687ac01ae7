"""Sign in with Apple: a client secret that is made, and a name that the browser brings."""

import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth import create_kv_oauth_backend, providers
from netscript_auth_kv_oauth.provider.made_secrets import ClientSecrets
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import ConfigurationError
from tests.kv_oauth.preset_peers import PEM, SIGNING_KEY, changed, config_of, documented, open_preset
from tests.kv_oauth.pretend import CLIENT_ID, REDIRECT_URI


def test_a_made_secret_says_who_we_are_for_ten_minutes_and_is_made_anew_before_it_ends() -> None:
    clock = SettableClock()
    secrets = ClientSecrets(config_of("apple"), clock)

    first = secrets.current()
    clock.advance(timedelta(minutes=7))
    again = secrets.current()
    clock.advance(timedelta(minutes=2))
    second = secrets.current()

    assert first is not None
    token = jwt.decode(first, ECKey.import_key(PEM.encode()), algorithms=["ES256"])
    assert token.header == {"alg": "ES256", "kid": "ABC123DEFG", "typ": "JWT"}
    assert token.claims["exp"] - token.claims["iat"] == 600
    assert {name: token.claims[name] for name in ("iss", "sub", "aud")} == {
        "iss": "DEF123GHIJ",
        "sub": CLIENT_ID,
        "aud": "https://appleid.apple.com",
    }
    assert again == first
    assert second != first


def test_a_key_of_one_line_is_the_same_key() -> None:
    config = config_of("apple")
    one_line = providers.apple(
        team_id="DEF123GHIJ",
        key_id="ABC123DEFG",
        private_key=PEM.replace("\n", "\\n"),
        client_id=CLIENT_ID,
        redirect_uri=REDIRECT_URI,
    )

    for each in (config, one_line):
        made = ClientSecrets(each, SettableClock()).current()
        assert made is not None
        jwt.decode(made, ECKey.import_key(SIGNING_KEY.public_key()), algorithms=["ES256"])


@pytest.mark.parametrize(
    "key", ["", "hunter2", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_a_key_that_is_none_is_told_without_it(key: str) -> None:
    config = providers.apple(
        team_id="DEF123GHIJ", key_id="ABC123DEFG", private_key=key, client_id="a", redirect_uri=REDIRECT_URI
    )

    with pytest.raises(ConfigurationError, match=r"apple\.private_key: is not a private key") as refusal:
        create_kv_oauth_backend(config)

    assert "hunter2" not in str(refusal.value)
    assert key not in repr(config) or not key


def test_a_made_secret_takes_the_place_of_a_given_one() -> None:
    with pytest.raises(ConfigurationError, match=r"apple\.client_secret: is made of a key"):
        create_kv_oauth_backend(config_of("apple", client_secret="a-secret"))


@pytest.mark.parametrize(
    "user",
    [
        "", "nonsense", "[]", "7", "{}", '{"name": 7}', '{"name": {"firstName": ["x"]}}', "\u202e", "{" * 99,
        json.dumps({"name": {"firstName": "x" * 3000}}),
        json.dumps({"email": "forged@evil.example", "sub": "somebody-else", "email_verified": True}),
    ],
)  # fmt: skip
async def test_what_the_browser_says_of_a_person_is_good_for_no_more_than_a_name(user: str) -> None:
    async with open_preset("apple") as visited:
        started = await visited.start()
        parameters = [*visited.idp.agree(started.redirect_url), ("user", user)]

        issued = (await visited.call_back(started, parameters)).issued

    assert issued.user.name is None
    assert issued.user.email == visited.answers.identity.email
    assert issued.user.accounts[0].subject == visited.answers.identity.subject


async def test_other_providers_take_no_name_from_the_browser() -> None:
    answers = changed(documented("auth0"), {"id_token": {"name": None}})
    async with open_preset("auth0", answers=answers.model_copy(update={"userinfo": None})) as visited:
        issued = (await visited.sign_in(**documented("apple").callback)).issued

    assert issued.user.name is None


async def test_apple_may_name_its_other_host_in_its_metadata_but_not_in_its_tokens() -> None:
    async with open_preset("apple") as visited:
        visited.idp.metadata["issuer"] = "https://account.apple.com"
        assert (await visited.sign_in()).issued.token
        visited.idp.claims["iss"] = "https://account.apple.com"

        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in()

    assert refusal.value.code is FlowReason.ID_TOKEN_INVALID
