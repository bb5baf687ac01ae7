"""A public path is one that was named, and nothing that some server would read as another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_client.public_paths import PublicPaths
from tests.auth_client.asgi_calls import http_scope


def is_open(path: str, *public: str, root: str = "") -> bool:
    return PublicPaths(public).include(http_scope(path, root_path=root))


@pytest.mark.parametrize("path", ["/health", "/assets/app.css", "/assets/icons/a.svg", "/assets/"])
def test_what_is_named_is_open(path: str) -> None:
    assert is_open(path, "/health", "/assets/*")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/healthy",
        "/health/",
        "/HEALTH",
        "/assets",
        "/assetsx",
        "/assets/../orders",
        "/assets/./x",
        "/assets//orders",
        "//assets/x",
        "/assets/..",
        "/assets/..\\orders",
        "/assets/%2e%2e/orders",
        "/assets/..;/orders",
        "/assets/x\n",
        "/api/health",
    ],
)
def test_what_only_looks_like_it_is_closed(path: str) -> None:
    assert not is_open(path, "/health", "/assets/*")


def test_paths_are_below_the_application_wherever_it_is_mounted() -> None:
    assert is_open("/shop/health", "/health", root="/shop")
    assert not is_open("/health", "/shop/health", root="/shop")
    assert not is_open("/shopping/health", "/health", root="/shop")


@given(st.text(max_size=40))
def test_nothing_is_open_where_nothing_is_named(path: str) -> None:
    assert not is_open(path)


@given(st.text(alphabet="abx/.%\\;", max_size=20))
def test_below_a_folder_is_what_stays_there_however_it_is_read(rest: str) -> None:
    if is_open(f"/a/{rest}", "/a/*"):
        assert not {"..", "."} & set(rest.split("/"))
        assert "%" not in rest


@pytest.mark.parametrize("path", ["health", "", "/a/*/b", "/*x", "/a//b", "/../x", "*"])
def test_what_cannot_be_a_public_path_is_refused_at_the_start(path: str) -> None:
    with pytest.raises(ValueError, match="a public path is such as"):
        PublicPaths([path])
