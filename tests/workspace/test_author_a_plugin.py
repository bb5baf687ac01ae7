"""docs/author-a-plugin.md does what it says: every block runs, in the workspace that its first one makes."""

import sys
from pathlib import Path

import pytest

from tests.support.clone import Clone
from tests.support.documented import Page
from tests.support.ports import answers_http, unused_port

PLUGIN = Path("plugins/notifier")


@pytest.mark.slow
@pytest.mark.page(
    "docs/author-a-plugin.md",
    "sh begin",
    "python manifest",
    "python job",
    "sh generate",
    "text generated",
    "sh check",
    "python load",
    "sh mend",
    "sh verify",
    "sh start",
    "sh ask",
)
def test_who_follows_the_page_has_a_plugin_whose_jobs_are_listed(
    page: Page, tmp_path: Path, free_port: int
) -> None:
    Clone(tmp_path).types(page.take("sh begin"))
    ours = {"8095": str(free_port), "netscript dev": f"netscript dev --port auth-api={unused_port()}"}
    variables = {
        "NETSCRIPT_DEV_PROVIDER_PORT": str(unused_port()),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # of plugins that only our own tests need
    }
    shop = Clone(tmp_path / "shop", ports=ours, variables=variables)
    (shop.folder / PLUGIN / "plugin.py").write_text(shop.ours(page.take("python manifest")))
    (shop.folder / PLUGIN / "jobs/send_notification.py").write_text(page.take("python job"))

    generated = shop.types(page.take("sh generate"))
    shop.types(page.take("sh check"))
    (shop.folder / PLUGIN / "loading.py").write_text(page.take("python load"))
    loaded = shop.types("NETSCRIPT_SERVICE_PROFILE=development python -m plugins.notifier.loading")
    shop.types(page.take("sh mend"))
    verified = shop.types(page.take("sh verify"))
    with shop.starts(page.take("sh start")) as program:
        program.wait_until(lambda: answers_http(free_port), "the service answers")
        asked = shop.types(page.take("sh ask"))

    assert generated == page.take("text generated")
    assert loaded == "say-hello send-notification\n"
    assert "notifier-api :" in verified
    assert '"items":[{"id":"say-hello"},{"id":"send-notification"}]' in asked


@pytest.mark.page("docs/author-a-plugin.md", "sh dependency")
def test_a_plugin_that_the_page_depends_on_is_made(page: Page, tmp_path: Path) -> None:
    Clone(tmp_path).types("netscript init shop --yes")
    shop = Clone(tmp_path / "shop")

    shop.types(page.take("sh dependency"))

    assert '"streams-api"' in (shop.folder / "plugins/streams/scaffold.plugin.json").read_text()


@pytest.mark.page(
    "docs/author-a-plugin.md",
    "toml distribution",
    "python distribution",
    "python writing",
    "sh describe",
    "sh install",
)
def test_a_distribution_of_the_page_is_described_installed_listed_and_well(
    page: Page, tmp_path: Path
) -> None:
    site, package = tmp_path / "site", tmp_path / "acme-audit/acme_audit"
    offline = "uv pip install --quiet --offline --no-deps --no-build-isolation"
    ours = {"pip install": f"{offline} --python {sys.executable} --target {site}"}
    elsewhere = Clone(tmp_path)
    elsewhere.types("netscript init shop --yes")
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package.parent / "pyproject.toml").write_text(page.take("toml distribution"))
    (package / "plugin.py").write_text(page.take("python distribution"))
    (package / "writing.py").write_text(page.take("python writing"))
    shop = Clone(tmp_path / "shop", ports=ours, variables={"PYTHONPATH": str(site)})

    elsewhere.types(page.take("sh describe"))
    told = shop.types(page.take("sh install"))

    assert "netscript.toml lists acme-audit: audit 1.0.0\n" in told
    assert "note:" not in told
    assert (site / "acme_audit/scaffold.plugin.json").is_file()
