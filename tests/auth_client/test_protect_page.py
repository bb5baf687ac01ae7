"""docs/protect-your-service.md does what it says: each service of it runs, and lets in whom it should."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from netscript_auth_client import AskAuthority, LocalAuthority, composition, create_authority
from netscript_auth_client import fastapi as fastapi_module
from tests.auth_client.asgi_calls import call, http_scope
from tests.auth_client.pretend_authority import PretendAuthority, alice
from workspace import ROOT

PAGE = (ROOT / "docs" / "protect-your-service.md").read_text()
BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = list(BLOCK.finditer(PAGE))
SERVICES = {block["name"]: block["text"] for block in BLOCKS if block["language"] == "python"}


def test_the_page_leaves_out_no_block() -> None:
    fences = [line for line in PAGE.splitlines() if line.startswith("```")]

    assert len(fences) == 2 * len(BLOCKS)
    assert {block["language"] for block in BLOCKS} == {"python", "sh"}
    assert set(SERVICES) == {"fastapi", "starlette", "asgi"}


def application(name: str, authority: PretendAuthority, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a block, with an authority of the test in place of the one that the environment configures."""
    for module in (composition, fastapi_module):
        monkeypatch.setattr(module, "create_authority", lambda: authority)
    monkeypatch.setattr("netscript_auth_client.create_authority", lambda: authority)
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(SERVICES[name], f"{name} of the page", "exec"), names)  # noqa: S102 - what the page shows
    return names["app"]


async def status(app: Any, path: str, method: str = "GET") -> int:
    return (await call(app, http_scope(path, method=method, query_string=b"", root_path=""))).status


@pytest.mark.parametrize("name", ["fastapi", "starlette", "asgi"])
async def test_each_service_of_the_page_lets_in_who_is_known_and_nobody_else(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = PretendAuthority(alice())
    app = application(name, authority, monkeypatch)

    somebody = await status(app, "/me")
    authority.outcome = PretendAuthority().outcome
    nobody = await status(app, "/me")
    authority.outcome = None
    unknown = await status(app, "/me")

    assert (somebody, nobody, unknown) == (200, 401, 503)


async def test_the_routes_of_the_page_need_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application("fastapi", PretendAuthority(alice()), monkeypatch)
    plain = application("asgi", PretendAuthority(alice()), monkeypatch)
    may = application(
        "fastapi", PretendAuthority(alice(roles=("admin",), scopes=("orders:read",))), monkeypatch
    )

    assert [await status(app, path) for path in ("/", "/orders", "/admin")] == [200, 403, 403]
    assert [await status(may, path) for path in ("/", "/orders", "/admin")] == [200, 200, 200]
    assert await status(app, "/account", "DELETE") == 200
    assert await status(plain, "/admin") == 403


def test_the_variables_of_the_page_are_a_configuration(tmp_path: Path) -> None:
    made: list[type[Any]] = []

    for block in (block["text"] for block in BLOCKS if block["language"] == "sh"):
        done = subprocess.run(
            ["bash", "-euc", f"{block}\nenv -0"],  # noqa: S607 - bash of the PATH
            env={"PATH": "/usr/bin:/bin"},
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        )
        made.append(
            type(create_authority(dict(each.split("=", 1) for each in done.stdout.split("\0") if each)))
        )

    assert made == [AskAuthority, LocalAuthority]
