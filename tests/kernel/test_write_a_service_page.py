"""docs/write-a-service.md does what it says: its service runs, its client finds it, its guards hold."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from netscript_auth_client import authenticator
from netscript_kernel.contracts import Contract
from tests.auth_client.pretend_authority import PretendAuthority, alice
from tests.support.documented import Page, blocks_of
from tests.support.serving import serving

SECONDS = 120.0
BLOCKS = {block.info: block.text for block in blocks_of("docs/write-a-service.md")}
CONTRACT, SERVICE = BLOCKS["python contract"], BLOCKS["python service"]


def run_in_one_module(*blocks: str) -> dict[str, Any]:
    """Run blocks one after the other, as a reader types them into one module."""
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, "a block of the page", "exec"), names)  # noqa: S102 - what the page shows
    return names


@pytest.mark.slow
@pytest.mark.page(
    "docs/write-a-service.md", "python contract", "python service", "sh run", "python client", "sh where"
)
def test_the_service_of_the_page_serves_and_its_client_finds_it(
    page: Page, tmp_path: Path, free_port: int
) -> None:
    contract, source = page.take("python contract"), page.take("python service")
    where = page.take("sh where").replace("8095", str(free_port))
    (tmp_path / "users.py").write_text(f"{contract}\n{source}\n")
    (tmp_path / "client.py").write_text(f"from users import UsersV1\n{page.take('python client')}\n")
    python, *arguments = shlex.split(page.take("sh run"))

    with serving((sys.executable, "-W", "error", *arguments), free_port, tmp_path) as service:
        told = subprocess.run(
            ["bash", "-euc", f"{where}\n'{sys.executable}' -W error client.py"],  # noqa: S607 - bash of the PATH
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        ).stdout
        service.signal_main(signal.SIGTERM)
        code = service.wait()

    assert told.splitlines() == ["0@acme.example 25", "404 NOT_FOUND", "25"]
    assert (python, code) == ("python", 0)


@pytest.mark.page("docs/write-a-service.md", "python guards")
async def test_the_guards_of_the_page_let_in_whom_a_rule_names(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = PretendAuthority()

    def create_authority(_: object) -> PretendAuthority:
        return authority

    monkeypatch.setattr(authenticator, "create_authority", create_authority)
    service = run_in_one_module(CONTRACT, SERVICE, page.take("python guards"))["create_guarded_service"]()
    await service.start()
    transport = httpx.ASGITransport(service.app)

    async def statuses() -> list[int]:
        paths = ("/api/v1/users", "/api/v1/users/usr_1", "/api/v1/users/describe", "/api/docs")
        return [(await http.get(path)).status_code for path in paths]

    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        nobody = await statuses()
        authority.outcome = alice()
        somebody = await statuses()
        authority.outcome = alice(scopes=("email",))
        reader = await statuses()
        authority.outcome = None
        unknown = await statuses()
    await service.stop()

    assert nobody == [401, 401, 200, 401]
    assert somebody == [403, 200, 200, 403]
    assert reader == [200, 200, 200, 403]
    assert unknown == [503, 503, 200, 503]


@pytest.mark.full
def test_the_code_of_the_page_has_all_its_types(tmp_path: Path) -> None:
    blocks = [text for info, text in BLOCKS.items() if info.startswith("python ")]
    (tmp_path / "users.py").write_text("\n".join(blocks))

    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "users.py"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert told.returncode == 0, told.stdout


@pytest.mark.page("docs/write-a-service.md", "sh changes")
def test_what_a_new_version_of_the_page_changes_is_told(page: Page, tmp_path: Path) -> None:
    (tmp_path / "users.py").write_text(f"{CONTRACT}\n{BLOCKS['python versions']}\n")

    done = subprocess.run(
        ["bash", "-euc", page.take("sh changes")],  # noqa: S607 - bash of the PATH
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.splitlines() == [
        "        users was v1, and is v2",
        "        users was below /api/v1/users, and is below /api/v2/users",
        "        find: output.name is new",
        "",
        "3 changes, none of them breaking.",
    ]


@pytest.mark.page("docs/write-a-service.md", "python both")
async def test_the_service_of_the_page_serves_both_versions(page: Page) -> None:
    names = run_in_one_module(CONTRACT, SERVICE, BLOCKS["python versions"], page.take("python both"))
    service = names["define_both"]()
    transport = httpx.ASGITransport(service.app)
    await service.start()

    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/") as http:
        told = [(await http.get(f"{version}/users/usr_1")).json() for version in ("v1", "v2")]
        listed = (await http.get("v2/users")).json()
        versions = (await http.get("v2/users/describe")).json()["contractVersions"]
    await service.stop()

    assert told[1] == {**told[0], "name": "1"}
    assert (listed["pagination"]["total"], versions) == (25, ["v1", "v2"])


@pytest.mark.page("docs/write-a-service.md", "python versions")
def test_a_new_version_of_the_page_has_what_is_different_and_all_the_rest(page: Page) -> None:
    names = run_in_one_module(CONTRACT, page.take("python versions"))

    newer: type[Contract] = names["UsersV2"]

    assert set(newer.operations) == {"describe", "list", "find"}
    assert newer.operations["find"].output_model is names["UserV2"]
