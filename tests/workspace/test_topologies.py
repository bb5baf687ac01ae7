"""docs/topologies.md: auth-api starts with every block of it, and it means what the page says."""

import re
from typing import Final

import pytest

from netscript_plugin_auth.settings import AuthServiceSettings
from tests.support.auth_api import settings_from
from workspace import ROOT

PAGE: Final = (ROOT / "docs" / "topologies.md").read_text()
BLOCK: Final = re.compile(r"^```sh (?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS: Final = {block["name"]: block["text"] for block in BLOCK.finditer(PAGE)}
PREFIX: Final = "NETSCRIPT_AUTH_"


def settings_of(name: str) -> AuthServiceSettings:
    pairs = (line.partition("=") for line in BLOCKS[name].splitlines())
    return settings_from(**{variable.removeprefix(PREFIX): value for variable, _, value in pairs})


def test_the_page_leaves_out_no_block() -> None:
    fences = [line for line in PAGE.splitlines() if line.startswith("```")]

    assert len(fences) == 2 * len(BLOCKS)
    assert set(BLOCKS) == {"page", "one-host", "forward-auth", "siblings"}


@pytest.mark.parametrize("name", ["page", "one-host", "forward-auth"])
def test_three_of_four_keep_the_cookie_on_one_host(name: str) -> None:
    policy = settings_of(name).cookie_policy()

    assert (policy.session_name, policy.domain) == ("__Host-netscript-session", None)


def test_siblings_share_the_cookie_of_their_domain() -> None:
    policy = settings_of("siblings").cookie_policy()

    assert (policy.session_name, policy.domain) == ("__Secure-netscript-session", "acme.example")


@pytest.mark.parametrize("name", ["page", "siblings"])
def test_pages_of_the_application_may_call_and_be_returned_to(name: str) -> None:
    settings = settings_of(name)

    assert settings.allowed_origins == ("https://app.acme.example",)
    assert settings.return_to_policy().allows("https://app.acme.example/orders")
