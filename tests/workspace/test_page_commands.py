"""Commands and variables of the pages on providers and backends do what is said of them."""

from pathlib import Path

import pytest

from netscript_auth_core.backends import find_backend
from tests.support.clone import Clone
from tests.support.documented import Block, Page, blocks_of

NEEDED = {"NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example"}
PROVIDERS = [block for block in blocks_of("docs/providers.md") if block.info == "env"]


@pytest.mark.page("docs/providers.md", "sh")
def test_the_command_tells_of_all_providers_and_of_one(page: Page, tmp_path: Path) -> None:
    told = Clone(tmp_path).types(page.take("sh"))

    assert "kakao" in told
    assert "NETSCRIPT_AUTH_DOMAIN: the domain of your Okta organization" in told
    assert "redirect URI https://auth.acme.example/api/v1/auth/callback" in told


@pytest.mark.page("docs/backends.md", "sh")
def test_the_command_tells_of_all_backends_and_of_one(page: Page, tmp_path: Path) -> None:
    told = Clone(tmp_path).types(page.take("sh"))

    assert {"kv-oauth", "workos", "better-auth"} <= set(told.replace(",", " ").split())
    assert "BETTER_AUTH_URL (must be set)" in told


@pytest.mark.parametrize("block", PROVIDERS, ids=range(len(PROVIDERS)))
def test_the_variables_of_each_example_configure_providers(block: Block) -> None:
    environment = dict(line.split("=", 1) for line in block.text.splitlines())

    settings = find_backend("kv-oauth").settings.from_environment({**NEEDED, **environment})

    assert settings is not None
