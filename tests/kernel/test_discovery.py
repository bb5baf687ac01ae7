"""Services are found by the environment, and whoever looks in vain is told which variable to set."""

import pytest

from netscript_kernel.discovery import find_address, layered, variables_for
from netscript_kernel.errors import ConfigurationError


def refusal(service: str, **environment: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        find_address(service, environment)
    return str(refused.value)


def test_a_service_is_where_its_variable_says() -> None:
    assert find_address("users", {"services__users__http__0": "http://127.0.0.1:8095/"}) == (
        "http://127.0.0.1:8095"
    )


def test_a_name_with_hyphens_may_be_spelt_as_it_is_or_as_a_shell_can_set_it() -> None:
    as_it_is = {"services__users-api__http__0": "http://127.0.0.1:8095"}
    for_shells = {"services__users_api__http__0": "http://127.0.0.1:8095"}

    assert find_address("users-api", as_it_is) == find_address("users-api", for_shells)


def test_https_is_taken_before_http() -> None:
    both = {"services__users__http__0": "http://a", "services__users__https__0": "https://b"}

    assert find_address("users", both) == "https://b"


def test_a_service_of_which_nobody_says_where_it_is_names_the_variable_to_set() -> None:
    assert refusal("users-api") == (
        "services__users_api__http__0: is not set. "
        "Fix: the address of the service users-api, such as http://127.0.0.1:8095"
    )


def test_two_spellings_that_say_different_things_are_refused() -> None:
    told = refusal(
        "users-api",
        **{"services__users-api__http__0": "http://a", "services__users_api__http__0": "http://b"},
    )

    assert "says something else than services__users_api__http__0" in told


def test_a_default_is_where_a_service_is_only_if_nothing_is_set() -> None:
    told = {"services__users_api__http__0": "http://told"}

    assert find_address("users-api", {}, default="http://usual") == "http://usual"
    assert find_address("users-api", told, default="http://usual") == "http://told"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("service", ["users-api", "users_api"])
def test_whoever_says_where_a_service_is_wins_in_every_spelling_and_scheme(service: str, scheme: str) -> None:
    usual = {"services__users-api__http__0": "http://usual", "services__notes__http__0": "http://notes"}
    told = {f"services__{service}__{scheme}__0": f"{scheme}://told", "OTHER": "kept"}

    variables = layered(usual, told)

    assert variables == {**told, "services__notes__http__0": "http://notes"}
    assert find_address("users-api", variables) == f"{scheme}://told"


def test_the_variables_of_a_service_are_those_by_which_it_is_found() -> None:
    for variable in variables_for("acme.users-api"):
        assert find_address("acme.users-api", {variable: "http://told"}) == "http://told"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "is set but empty"),
        ("  ", "is set but empty"),
        ("hunter2", "is no http address"),
        ("https://hunter2", "is no http address"),
        ("http://hunter2:nan", "is no address"),
        ("http://[hunter2", "is no address"),
        ("http://hunter2?a=b", "has a query"),
        ("http://hunter2?", "has a query"),
        ("http://hunter2#", "has a query or a fragment"),
        ("http://a/hunter2/?", "has a query"),
        ("http://a\\@hunter2", "is no address"),
        ("http://someone:hunter2@a", "has a user name or password"),
        ("http://a@b@hunter2", "has a user name or password"),
        ("http://hunter2 b", "is no address"),
        ("http://hunter2\t.b", "is no address"),
        ("http://hunter2\n.b", "is no address"),
        ("http://hunter2%00", "is no address"),
        ("http://hunter2/../b", "has a step"),
        ("http:hunter2", "is no http address"),
        ("http:///hunter2", "is no http or https address"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_value(value: str, problem: str) -> None:
    told = refusal("users", services__users__http__0=value)

    assert problem in told
    assert "hunter2" not in told
