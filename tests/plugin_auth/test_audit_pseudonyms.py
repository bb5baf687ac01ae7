"""Events say who, which session and from where by pseudonyms, and by nothing else."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from netscript_auth_core.events import AuthEvent, EventName
from netscript_auth_core.testing import RecordedEvents
from netscript_kernel.errors import ConfigurationError
from netscript_plugin_auth.audit.asking_network import ASKING_NETWORK
from netscript_plugin_auth.audit.pseudonymous_sink import PseudonymousSink
from netscript_plugin_auth.audit.pseudonyms import Pseudonyms
from tests.support.auth_api import PREFIX, AuthApi, running_auth_api, settings_from

SALT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
NAMES = Pseudonyms(bytes(range(32)))
EVENT = AuthEvent(
    EventName.SESSION_REVOKED, datetime(2026, 1, 1, tzinfo=UTC), "memory", user_id="usr_1", handle="hdl_1"
)


async def _who_and_which(api: AuthApi, handle_of: str = "alice") -> tuple[str, str]:
    """Sign in, and return the pseudonyms of the person and the session as they have to be."""
    async with api.browser() as browser:
        await api.sign_in(browser, handle_of)
        me = (await browser.get(f"{PREFIX}/me")).json()
        ended = await browser.post(f"{PREFIX}/signout", json={})
    assert ended.json()["ended"] == 1
    return NAMES.subject(me["user"]["id"]), NAMES.session(me["session"]["handle"])


def test_a_person_has_one_name_under_one_salt_and_another_under_each_other() -> None:
    names = {NAMES.subject("usr_1"), Pseudonyms(bytes(range(32))).subject("usr_1")}

    others = {NAMES.subject("usr_2"), Pseudonyms(bytes(range(1, 33))).subject("usr_1")}

    assert len(names) == 1
    assert len(names | others) == 3


def test_what_is_alike_in_two_kinds_has_nothing_in_common() -> None:
    made = [NAMES.subject("x"), NAMES.session("x"), NAMES.client("x")]

    assert [name[:4] for name in made] == ["sub_", "ses_", "cli_"]
    assert len({name[4:] for name in made}) == 3
    assert {len(name) for name in made} == {20}


def test_a_pseudonym_stays_what_it_is_from_version_to_version() -> None:
    assert NAMES.subject("usr_1") == "sub_GIww3sH85y6Pb3mY"


@pytest.mark.parametrize("names", [NAMES, None], ids=["with a salt", "without"])
def test_no_sink_sees_whom_an_event_is_about(names: Pseudonyms | None) -> None:
    sink = RecordedEvents()
    token = ASKING_NETWORK.set("203.0.113.7/32")

    PseudonymousSink(sink, names).emit(EVENT)

    ASKING_NETWORK.reset(token)
    (taken,) = sink.taken
    told = {str(value) for value in asdict(taken).values()}
    assert told & {"usr_1", "hdl_1", "203.0.113.7/32"} == set()
    assert (taken.subject is None, taken.session is None, taken.client is None) == (names is None,) * 3


def test_an_event_does_not_show_whom_it_is_about() -> None:
    assert "usr_1" not in f"{EVENT!r} {EVENT} {[EVENT]!a}"
    assert "hdl_1" not in f"{EVENT!r} {EVENT} {[EVENT]!a}"


async def test_who_signs_in_and_out_is_one_person_in_one_session_from_one_network() -> None:
    async with running_auth_api(AUDIT_SALT=SALT) as api:
        subject, session = await _who_and_which(api)

        told = [each for each in api.events.taken if each.subject]

        assert [(each.name.value, each.subject, each.session) for each in told] == [
            ("auth.oidc.completed", subject, session),
            ("auth.session.revoked", subject, session),
        ]
        assert {each.client for each in api.events.taken} == {NAMES.client("127.0.0.1/32")}


async def test_a_person_who_comes_again_has_the_same_name_and_another_session() -> None:
    async with running_auth_api(AUDIT_SALT=SALT) as api:
        first, again, other = [await _who_and_which(api, who) for who in ("alice", "alice", "bob")]

        assert first[0] == again[0] != other[0]
        assert len({first[1], again[1], other[1]}) == 3


async def test_signing_out_everywhere_names_each_session_that_ended() -> None:
    async with running_auth_api(AUDIT_SALT=SALT) as api, api.browser() as one, api.browser() as other:
        await api.sign_in(one)
        await api.sign_in(other)
        handles = [(await each.get(f"{PREFIX}/me")).json()["session"]["handle"] for each in (one, other)]

        await one.post(f"{PREFIX}/signout", json={"everywhere": True})

        ended = [each for each in api.events.taken if each.reason == "signout_everywhere"]
        assert {each.session for each in ended} == set(map(NAMES.session, handles))
        assert len({each.subject for each in ended}) == 1


async def test_who_asks_too_often_has_the_name_of_the_network() -> None:
    async with running_auth_api(AUDIT_SALT=SALT, RATE_LIMIT="10/h") as api, api.browser() as browser:
        for _ in range(201):  # many may be behind a local address
            await browser.get(f"{PREFIX}/signin")

        (limited,) = [each for each in api.events.taken if each.name is EventName.REQUEST_LIMITED]

        assert limited.client == NAMES.client("127.0.0.1/32")


async def test_without_a_salt_events_say_nothing_of_who_and_where() -> None:
    async with running_auth_api() as api:
        await _who_and_which(api)

        told = {(each.subject, each.session, each.client) for each in api.events.taken}

        assert told == {(None, None, None)}


@pytest.mark.parametrize(
    ("salt", "problem"),
    [
        ("A" * 42, "is 31 bytes long, 32 or more are needed"),
        ("A" * 43, "is not random"),
        ("no base64url, this", "is not base64url"),
    ],
)
def test_a_salt_that_somebody_guesses_is_refused_and_not_repeated(salt: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settings_from(AUDIT_SALT=salt)

    (fault,) = refused.value.faults
    assert (fault.variable, fault.problem) == ("NETSCRIPT_AUTH_AUDIT_SALT", problem)
    assert salt not in str(refused.value)


def test_a_key_is_no_salt_since_it_goes_when_it_is_changed() -> None:
    with pytest.raises(ConfigurationError, match="is one of NETSCRIPT_AUTH_KEYS"):
        settings_from(AUDIT_SALT=SALT, KEYS=SALT)


def test_a_salt_may_come_from_a_file_that_ends_with_a_line(tmp_path: Path) -> None:
    (tmp_path / "salt").write_text(f"{SALT}\n")

    settings = settings_from(AUDIT_SALT_FILE=str(tmp_path / "salt"))

    assert settings.audit_salt == SecretStr(SALT)
    assert SALT not in repr(settings)
