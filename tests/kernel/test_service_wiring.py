"""Parts of a service in a wrong place are told as it is defined, with what to write."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from starlette.routing import Mount, Route

from netscript_kernel.access import AccessRules, rule
from netscript_kernel.contracts import Contract, Nothing, get
from netscript_kernel.service.answers import HotAnswer
from netscript_kernel.service.define import define_service
from netscript_kernel.service.guards import with_authn, with_authz
from netscript_kernel.service.hot import HotRoute, HotTree
from netscript_kernel.service.implementation import implement
from netscript_kernel.service.service import Service
from tests.kernel.pretend_authenticator import PretendAuthenticator
from tests.kernel.sample_service import SETTINGS, NotesV1, implementation, sample_service

SOMEBODY = with_authn(PretendAuthenticator())


class NotesV2(NotesV1, name="notes", version="v2", prefix="/api/v2/notes"):
    pass


class ListsV1(Contract, name="lists", version="v1", prefix="/api/v1/lists"):
    all = get("")


def create_authenticator() -> PretendAuthenticator:
    return PretendAuthenticator()


def given(to: Callable[[Any], object], part: Any) -> Callable[[], object]:
    return lambda: to(part)


def defined(**parts: Any) -> Callable[[], object]:
    parts.setdefault("implementations", [implementation()])
    return lambda: define_service("notes", "1.2.3", environment={}, **parts)


@pytest.mark.parametrize(
    ("give", "told"),
    [
        (
            given(with_authn, create_authenticator),
            "with_authn got create_authenticator itself, uncalled. Fix: with_authn(create_authenticator())",
        ),
        (
            given(with_authn, PretendAuthenticator),
            "with_authn got PretendAuthenticator itself, uncalled. Fix: with_authn(PretendAuthenticator())",
        ),
        (
            given(with_authn, AccessRules()),
            "with_authn got something of type AccessRules, which has no authenticate, start, aclose."
            " Fix: give it such as with_authn(create_authenticator())",
        ),
        (
            given(with_authz, rule(NotesV1.find)),
            "with_authz got something of type AccessRule, which has no authorize."
            " Fix: give it such as with_authz(AccessRules(rule(...)))",
        ),
        (
            defined(authn=PretendAuthenticator(), authz=AccessRules()),
            "authn is something of type PretendAuthenticator. Fix: authn=with_authn(...) around it;"
            " authz is something of type AccessRules. Fix: authz=with_authz(...) around it",
        ),
        (
            lambda: with_authn(PretendAuthenticator(), allow_anonymous=cast("Any", [NotesV1])),
            "allow_anonymous names paths and operations, and NotesV1 is neither."
            " Fix: name each operation, such as UsersV1.describe",
        ),
        (
            defined(authn=with_authn),
            "authn is with_authn itself. Fix: authn=with_authn(...) around it",
        ),
        (
            defined(authz=with_authz(AccessRules(rule(NotesV1.find)))),
            "authz needs authn: nobody is known without it. Fix: authn=with_authn(...) beside it",
        ),
        (
            defined(implementations=[7], authz=AccessRules()),
            "implementations has something of type int. Fix: implement(...) makes one of a contract;"
            " authz is something of type AccessRules. Fix: authz=with_authz(...) around it;"
            " authz needs authn: nobody is known without it. Fix: authn=with_authn(...) beside it",
        ),
        (
            defined(implementations=[NotesV1, 7]),
            "NotesV1 is a contract, and no implementation. Fix: implement(NotesV1), with its handlers;"
            " implementations has something of type int. Fix: implement(...) makes one of a contract",
        ),
        (
            defined(implementations=implement(NotesV1)),
            "implementations is one alone. Fix: put it into a list: implementations=[...]",
        ),
    ],
)
def test_what_is_in_a_wrong_place_is_told_with_what_to_write(give: Callable[[], object], told: str) -> None:
    with pytest.raises(TypeError) as refused:
        give()

    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            {"authn": with_authn(PretendAuthenticator(), allow_anonymous=[NotesV2.find])},
            "allow_anonymous names NotesV2.find (GET /{note_id}), which this service does not serve."
            " Fix: implement NotesV2 here, leave it out, or name NotesV1.find",
        ),
        (
            {"authn": SOMEBODY, "authz": with_authz(AccessRules(rule(ListsV1.all), rule(NotesV2)))},
            "a rule names ListsV1.all (GET at its prefix), which this service does not serve."
            " Fix: implement ListsV1 here, or leave the rule out;"
            " a rule is about NotesV2, which this service does not serve."
            " Fix: implement NotesV2 here, leave the rule out, or name NotesV1",
        ),
    ],
)
def test_guards_that_speak_of_what_is_not_served_are_refused(parts: dict[str, Any], told: str) -> None:
    with pytest.raises(TypeError) as refused:
        defined(**parts)()

    assert str(refused.value) == told


def lists(**more: Any) -> Service:
    implemented = implement(ListsV1)

    @implemented.handles(ListsV1.all)
    async def every(value: Nothing, request: Any) -> Nothing:
        return Nothing()

    return sample_service(implementations=[implemented], authn=with_authn(PretendAuthenticator(), **more))


def test_an_operation_at_the_prefix_is_not_left_open_beside_what_is_protected_below_it() -> None:
    with pytest.raises(TypeError, match=r"Fix: protect /api/v1/lists, too, or name ListsV1.all in allow_"):
        lists(protect=["/api/v1/lists/*"])

    lists(protect=["/api/v1/lists", "/api/v1/lists/*"])
    lists(protect=["/api/v1/lists/*"], allow_anonymous=[ListsV1.all])
    lists(protect=["/api/v1/others/*"])


async def hot(_: Any) -> HotAnswer:
    return HotAnswer(200, (), b"")


@pytest.mark.parametrize("profile", ["development", "production"])
def test_paths_of_guards_that_lead_to_no_route_are_told_in_development(
    profile: Any, caplog: pytest.LogCaptureFixture
) -> None:
    good = ["/health", "/metrics-not-on/*", "/docs", "/static/a/b", "/static/*", "/hot", "/tree/x", "/tree/*"]
    rules = AccessRules(rule("/api/v1/notes/*"), rule("/api/v1/note/*"), rule(NotesV1.find), rule("/lost"))

    sample_service(
        replace(SETTINGS, profile=profile),
        routes=[Route("/docs", hot), Mount("/static", routes=[])],
        hot_routes=[HotRoute("GET", "/hot", hot)],
        hot_trees=[HotTree("/tree/", hot)],
        authn=with_authn(PretendAuthenticator(), allow_anonymous=good),
        authz=with_authz(rules),
    )

    told = [each.__dict__["paths"] for each in caplog.records if "lead to no route" in each.message]
    is_told = profile == "development"
    assert told == (["/metrics-not-on/*, /api/v1/note/*, /lost"] if is_told else [])
