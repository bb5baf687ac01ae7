"""An operation that the rules of a service leave out by mistake is told as the service is defined."""

from collections.abc import Sequence
from typing import Any

import pytest

from netscript_kernel.access import AccessRule, AccessRules, rule
from netscript_kernel.contracts import Contract, Nothing, get, post
from netscript_kernel.service.guards import with_authn, with_authz
from netscript_kernel.service.implementation import Implementation, implement
from netscript_kernel.service.service import Service
from tests.kernel.pretend_authenticator import PretendAuthenticator
from tests.kernel.sample_service import sample_service


class UsersV1(Contract, name="users", version="v1", prefix="/api/v1/users"):
    find = get("/find")
    purge = get("/purge")


class UsersV2(UsersV1, name="users", version="v2", prefix="/api/v2/users"):
    more = get("/more")


class UsersV3(UsersV2, name="users", version="v3", prefix="/api/v3/users"):
    pass


class ListsV1(Contract, name="lists", version="v1", prefix="/api/v1/lists"):
    all = get("")
    make = post("")
    one = get("/one")


async def nothing(value: Nothing, request: Any) -> Nothing:
    return Nothing()


def implemented(contract: type[Contract], *names: str, over: Implementation | None = None) -> Implementation:
    made = implement(contract, over=over)
    for name in names:
        made.handles(contract.operations[name])(nothing)
    return made


V1 = implemented(UsersV1, "find", "purge")
V2 = implemented(UsersV2, "more", over=V1)
V3 = implemented(UsersV3, over=V2)
LISTS = implemented(ListsV1, "all", "make", "one")
BELOW = "/api/v1/lists/*"
ADMIN, EVERYBODY = ["admin"], rule("/*")


def service(
    implementations: Sequence[Implementation], *rules: AccessRule, deny_by_default: bool = True, **authn: Any
) -> Service:
    return sample_service(
        implementations=implementations,
        authn=with_authn(PretendAuthenticator(), **authn),
        authz=with_authz(AccessRules(*rules), deny_by_default=deny_by_default),
    )


@pytest.mark.parametrize("deny_by_default", [True, False])
@pytest.mark.parametrize("broader", [[], [EVERYBODY]])
@pytest.mark.parametrize("versions", [[V1, V2], [V1, V3]])
def test_an_operation_that_is_taken_over_without_its_rule_is_refused(
    versions: list[Implementation], broader: list[AccessRule], *, deny_by_default: bool
) -> None:
    newest = versions[-1].contract.__name__
    told = f"{newest}.purge is taken over from UsersV1.purge, and the rule about that is not about it."

    with pytest.raises(TypeError) as refused:
        service(versions, rule(UsersV1.purge, roles=ADMIN), *broader, deny_by_default=deny_by_default)

    assert str(refused.value) == f"{told} Fix: name {newest}.purge in a rule, too, before broader ones"


def test_a_rule_about_the_older_contract_is_missed_for_each_operation_that_is_taken_over() -> None:
    with pytest.raises(TypeError) as refused:
        service([V1, V2], rule(UsersV1, roles=ADMIN), EVERYBODY)

    assert [each.split()[0] for each in str(refused.value).split("; ")] == ["UsersV2.find", "UsersV2.purge"]


@pytest.mark.parametrize(
    "rules",
    [
        [rule(UsersV2.purge, roles=ADMIN)],
        [rule(UsersV2, roles=ADMIN)],
        [rule("/api/v2/users/*", roles=ADMIN)],
        [rule(UsersV2.purge)],
        [rule("/*", roles=[*ADMIN, "clerk"])],
    ],
    ids=["the operation", "its contract", "its path", "on purpose", "as strict"],
)
def test_an_operation_that_is_taken_over_may_have_a_rule_of_its_own_or_one_as_strict(
    rules: list[AccessRule],
) -> None:
    service([V1, V2], rule(UsersV1.purge, roles=ADMIN), *rules, EVERYBODY)


def test_an_operation_that_is_open_on_purpose_needs_no_rule() -> None:
    service([V1, V2], rule(UsersV1.purge, roles=ADMIN), EVERYBODY, allow_anonymous=[UsersV2.purge])


def test_an_operation_with_a_handler_of_its_own_needs_no_rule_of_the_older_one() -> None:
    own = implemented(UsersV2, "more", "purge", over=V1)

    service([V1, own], rule(UsersV1.purge, roles=ADMIN), EVERYBODY)


@pytest.mark.parametrize("deny_by_default", [True, False])
@pytest.mark.parametrize("broader", [[], [EVERYBODY], [rule(ListsV1)], [rule("/api/*")]], ids=len)
def test_an_operation_at_the_prefix_of_which_only_what_is_below_has_a_rule_is_refused(
    broader: list[AccessRule], *, deny_by_default: bool
) -> None:
    only_posts = rule(BELOW, methods=["POST"], roles=ADMIN)

    with pytest.raises(TypeError) as refused:
        service([LISTS], only_posts, *broader, deny_by_default=deny_by_default)

    assert str(refused.value) == (
        "ListsV1.make is POST /api/v1/lists, and the rule about /api/v1/lists/* is not about it."
        " Fix: name /api/v1/lists in a rule, too, before broader ones"
    )


@pytest.mark.parametrize(
    "rules",
    [
        [rule("/api/v1/lists", roles=ADMIN), rule(BELOW, roles=ADMIN)],
        [rule(BELOW, roles=ADMIN), rule("/api/v1/lists"), EVERYBODY],
        [rule(BELOW, roles=ADMIN), rule(ListsV1.all), rule(ListsV1.make), EVERYBODY],
        [rule(BELOW, roles=ADMIN), rule("/api/*", roles=ADMIN), EVERYBODY],
        [rule(ListsV1, roles=ADMIN), rule(BELOW, roles=["clerk"])],
        [rule("/api/v1/lists/one/*", roles=ADMIN), EVERYBODY],
    ],
    ids=["its path", "on purpose", "its operations", "as strict", "its contract first", "further below"],
)
def test_an_operation_at_the_prefix_may_have_a_rule_of_its_own_or_one_as_strict(
    rules: list[AccessRule],
) -> None:
    service([LISTS], *rules)


def test_an_operation_at_the_prefix_that_is_open_on_purpose_needs_no_rule() -> None:
    service([LISTS], rule(BELOW, roles=ADMIN), EVERYBODY, allow_anonymous=["/api/v1/lists"])
