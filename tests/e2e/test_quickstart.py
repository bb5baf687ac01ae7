"""docs/quickstart.md does what it says: on a machine of one's own, with a provider, and in production."""

import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.auth_api_process import API, CALLBACK, is_ready
from tests.support.clone import Clone
from tests.support.dev_provider import DevProviderProcess
from tests.support.documented import Page, blocks_of
from tests.support.loopback import loopback_client
from tests.support.oidc_provider import OidcProvider
from tests.support.ports import unused_port
from tests.support.program import started
from tests.support.site import begin, sign_in

STARTED = ("scripts/run",)


def clone_in(folder: Path) -> tuple[Clone, int, int]:
    """Return a clone, and the ports of auth-api and of the development provider there."""
    port, provider = unused_port(), unused_port()
    variables = {"PORT": str(port), "NETSCRIPT_DEV_PROVIDER_PORT": str(provider)}
    return Clone(folder, STARTED, {"8094": str(port)}, variables), port, provider


@pytest.mark.slow
@pytest.mark.page("docs/quickstart.md", "sh start", "sh ask", "sh beside", "text")
async def test_somebody_is_signed_in_after_one_command(page: Page, tmp_path: Path) -> None:
    clone, port, provider = clone_in(tmp_path)
    with clone.starts(page.take("sh start")) as both:
        both.wait_until(lambda: "Stop with Ctrl-C" in both.stdout, "both are ready")

        told = clone.types(page.take("sh ask"))
        found = clone.types(page.take("sh beside"))

        assert told == page.take("text")
        assert "nothing is wrong" in found
        async with loopback_client(f"http://localhost:{port}") as browser:
            await sign_in(browser, DevProviderProcess(f"http://localhost:{provider}"))
            me = (await browser.get(f"{API}/me")).json()
    assert (me["authenticated"], me["user"]["name"]) == (True, "Alice Example")


@pytest.mark.slow
@pytest.mark.page("docs/quickstart.md", "sh github")
async def test_two_values_and_a_name_lead_to_a_real_provider(page: Page, tmp_path: Path) -> None:
    clone, port, _ = clone_in(tmp_path)
    with clone.starts(page.take("sh github").replace("ID=...", "ID=of-github")) as api:
        api.wait_until(lambda: is_ready(port), "auth-api is ready")

        async with loopback_client(f"http://localhost:{port}") as browser:
            at_github = urlsplit(await begin(browser))

    asked = parse_qs(at_github.query)
    assert (at_github.hostname, at_github.path) == ("github.com", "/login/oauth/authorize")
    assert asked["client_id"] == ["of-github"]
    assert asked["redirect_uri"] == [f"http://localhost:{port}{CALLBACK}"]


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.page("docs/quickstart.md", "sh issuer")
async def test_a_provider_is_known_by_its_issuer(
    page: Page, oidc_provider: OidcProvider, tmp_path: Path
) -> None:
    clone, port, _ = clone_in(tmp_path)
    client = await oidc_provider.register([f"http://localhost:{port}{CALLBACK}"])
    typed = page.take("sh issuer").replace("https://id.acme.example", oidc_provider.issuer)
    typed = typed.replace("ID=...", f"ID={client.client_id}").replace(
        "SECRET=...", f"SECRET={client.client_secret}"
    )
    with clone.starts(typed) as api:
        api.wait_until(lambda: is_ready(port), "auth-api is ready")

        async with loopback_client(f"http://localhost:{port}") as browser:
            await sign_in(browser, oidc_provider)
            me = (await browser.get(f"{API}/me")).json()

    assert me["user"]["email"] == "alice@example.test"


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.page("docs/quickstart.md", "sh install", "sh serve")
def test_production_starts_as_it_is_written(page: Page, tmp_path: Path) -> None:
    places = {each: str(tmp_path) for each in ("/opt", "/etc/netscript", "/var/lib/netscript")}
    port, root = unused_port(), Path(__file__).parents[2]

    def here(text: str) -> tuple[str, ...]:
        for theirs, own in places.items():
            text = text.replace(theirs, own)
        return ("bash", "-euc", f"cd {root}\n{text}")

    build, _, key = page.take("sh install").partition("\n")
    subprocess.run(here(build), check=True)
    keys: list[str] = []
    for _ in ("typed", "typed once more"):
        subprocess.run(here(key), check=True)
        keys.append((tmp_path / "keys").read_text())
    (tmp_path / "client-secret").write_text("of-the-provider")
    with started(here(page.take("sh serve")), {"PORT": str(port)}, tmp_path) as api:
        api.wait_until(lambda: is_ready(port), "auth-api is ready")

        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            asked = http.get(f"{API}/me", headers={"host": "auth.acme.example"})
            foreign = http.get(f"{API}/me", headers={"host": "evil.example"})

    assert keys[0] == keys[1]
    assert (asked.status_code, asked.json()["reason"]) == (200, "no_session")
    assert foreign.status_code == httpx.codes.BAD_REQUEST


@pytest.mark.page("README.md", "sh start", "sh github", "sh install", "sh serve")
def test_the_readme_says_the_same_as_the_quickstart(page: Page) -> None:
    of_the_quickstart = {block.info: block.text for block in blocks_of("docs/quickstart.md")}

    assert {block.info: block.text for block in page.take_all()}.items() <= of_the_quickstart.items()


@pytest.mark.slow
@pytest.mark.page("docs/quickstart.md", "sh workspace", "sh gates")
async def test_a_workspace_that_lists_auth_is_one_command(page: Page, tmp_path: Path) -> None:
    clone, port, provider = clone_in(tmp_path)
    with clone.starts(f"{page.take('sh workspace').rstrip()} --port auth-api={port}") as all_of_it:
        all_of_it.wait_until(lambda: "Stop with Ctrl-C" in all_of_it.stdout, "all are ready")

        told = clone.types(f"{page.take('sh gates').rstrip()} --port auth-api={port}")

        assert told.endswith("1 gate: all passed\n")
        async with loopback_client(f"http://localhost:{port}") as browser:
            await sign_in(browser, DevProviderProcess(f"http://localhost:{provider}"))
            me = (await browser.get(f"{API}/me")).json()
    assert me["user"]["name"] == "Alice Example"
