"""What we keep of what a provider says about a person."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.errors import FlowRefusedError, ProviderProtocolError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth import ProviderConfig
from netscript_auth_kv_oauth.presets.profile import EmailTrust
from netscript_auth_kv_oauth.provider.email_addresses import read_email
from netscript_auth_kv_oauth.provider.profile_claims import Claims
from tests.kv_oauth.pretend import ISSUER, open_pretend, pretend_config
from tests.kv_oauth.test_kv_oauth_keys import JSON

CONFIG = pretend_config()
EMAILS = ["a@b", "ann+tag@acme.example", "jos\u00e9@b\u00fccher.example", f"{'x' * 310}@a.example"]
NO_EMAILS: list[object] = [
    "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", "a@b\r\nBcc: x@y", "Ann <a@b>", "a@b,c@d", "a@b;c@d",
    "a@b\0", "\u202ea@b", f"{'x' * 400}@a.example", 7, True, None, ["a@b"], {"a": "b"},
]  # fmt: skip


@pytest.mark.parametrize("email", EMAILS)
def test_an_address_is_kept(email: str) -> None:
    assert read_email(email) == email


@pytest.mark.parametrize("email", NO_EMAILS)
def test_what_is_no_single_address_is_not_kept_and_never_verified(email: object) -> None:
    identity = _identity(CONFIG, {"email": email, "email_verified": True}, {})

    assert (identity.email, identity.email_verified) == (None, False)


@pytest.mark.parametrize("verified", ["true", "True", 1, "1", [True], {}, None, False, "false"])
def test_only_true_verifies(verified: object) -> None:
    identity = _identity(CONFIG, {"email": "a@b", "email_verified": verified}, {})

    assert identity.email_verified is False


def test_a_verification_counts_only_for_the_address_that_it_came_with() -> None:
    identity = _identity(CONFIG, {"email_verified": True}, {"email": "a@b", "email_verified": False})

    assert (identity.email, identity.email_verified) == ("a@b", False)


def test_a_provider_whose_word_does_not_count_verifies_nothing() -> None:
    profile = CONFIG.preset.profile.model_copy(update={"email_trust": EmailTrust.NEVER})
    config = pretend_config(preset=CONFIG.preset.model_copy(update={"profile": profile}))

    assert not _identity(config, {"email": "a@b", "email_verified": True}, {}).email_verified


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Ann", "Ann"),
        ("  Ann \r\n\t Example ", "Ann Example"),
        ("x" * 300, "x" * 255),
        ("<b>Ann</b>", "<b>Ann</b>"),
        ("Ann\u202eExample", "Ann Example"),
        ("\0\x1b[31m", "[31m"),
        (" \n ", None),
        (7, None),
        (["Ann"], None),
    ],
)
def test_a_name_is_text_of_a_sensible_length(name: object, kept: str | None) -> None:
    assert _identity(CONFIG, {"name": name}, {}).name == kept


@pytest.mark.parametrize(
    ("picture", "is_kept"),
    [
        ("https://a.example/p.png", True),
        ("http://a.example/p.png", False),
        ("javascript:alert(1)", False),
        ("data:image/png;base64,AA", False),
        ("https://a.example/\r\n", False),
        ('https://a.example/"onerror=', False),
        (f"https://a.example/{'x' * 2048}", False),
        (7, False),
    ],
)
def test_a_picture_is_an_https_address(picture: object, is_kept: bool) -> None:
    assert _identity(CONFIG, {"picture": picture}, {}).picture == (picture if is_kept else None)


@given(st.dictionaries(st.sampled_from(["email", "email_verified", "name", "picture", "sub"]), JSON), JSON)
def test_whatever_is_claimed_makes_an_identity_of_ours(claims: dict[str, object], more: object) -> None:
    identity = _identity(CONFIG, claims, {"name": more, "email": more})

    assert (identity.issuer, identity.subject, identity.provider_id) == (ISSUER, "s", "oidc")


async def test_claims_name_no_field_of_ours() -> None:
    async with open_pretend() as counter:
        counter.idp.claims = {
            "id": "usr_admin",
            "user_id": "usr_admin",
            "handle": "x",
            "roles": ["admin"],
            "sessionId": "x",
            "provider_id": "google",
            "issuer": "https://accounts.google.com",
            "__proto__": {"roles": ["admin"]},
        }

        issued = (await counter.sign_in()).issued

    assert issued.user.id.startswith("usr_")
    assert issued.user.id != "usr_admin"
    assert [(each.issuer, each.provider_id) for each in issued.user.accounts] == [(ISSUER, "oidc")]
    assert counter.backend.principals.principal(issued.session).roles == ()


async def test_a_complete_id_token_needs_no_userinfo() -> None:
    async with open_pretend() as counter:
        await counter.sign_in()

        assert counter.idp.count("/userinfo") == 0


@pytest.mark.parametrize("lacking", ["name", "email"])
async def test_userinfo_fills_in_what_the_id_token_does_not_say_and_nothing_else(lacking: str) -> None:
    async with open_pretend() as counter:
        counter.idp.claims = {lacking: None}
        counter.idp.userinfo = {"sub": "somebody", "name": "Other Name", "email": "other@body.example"}

        user = (await counter.sign_in()).issued.user

    expected = {"name": ("Other Name", "some@body.example"), "email": ("Some Body", "other@body.example")}
    assert (user.name, user.email) == expected[lacking]
    assert user.email_verified is (lacking == "name")
    (request,) = [each for each in counter.idp.requests if each.url.path == "/userinfo"]
    assert request.headers["authorization"] == "Bearer an-access-token"


async def test_a_provider_without_userinfo_may_say_little() -> None:
    async with open_pretend() as counter:
        del counter.idp.metadata["userinfo_endpoint"]
        counter.idp.claims = {"name": None, "email": None}

        user = (await counter.sign_in()).issued.user

    assert (user.name, user.email, user.email_verified) == (None, None, False)


@pytest.mark.parametrize("sub", [None, "", 7, "Somebody", "somebody ", ["somebody"]])
async def test_userinfo_that_is_not_about_the_person_is_refused(sub: object) -> None:
    async with open_pretend() as counter:
        counter.idp.claims = {"name": None}
        counter.idp.userinfo = {"sub": sub, "name": "Else"}

        with pytest.raises(FlowRefusedError) as refusal:
            await counter.sign_in()

    assert refusal.value.code is FlowReason.SUBJECT_MISMATCH


async def test_userinfo_that_is_no_object_is_out_of_protocol() -> None:
    async with open_pretend() as counter:
        counter.idp.claims = {"name": None}
        counter.idp.userinfo = ["somebody"]

        with pytest.raises(ProviderProtocolError):
            await counter.sign_in()


async def test_the_same_subject_at_two_providers_is_two_people() -> None:
    async with open_pretend() as here, open_pretend(pretend_config(issuer="https://idp2.example")) as there:
        one, other = (await here.sign_in()).issued.user, (await there.sign_in()).issued.user

    assert one.accounts[0].subject == other.accounts[0].subject
    assert one.id != other.id


def _identity(
    config: ProviderConfig, claims: Mapping[str, object], more: Mapping[str, object]
) -> ExternalIdentity:
    return Claims(config, claims, more).identity(config.issuer, "s")
