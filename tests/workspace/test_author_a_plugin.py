"""docs/author-a-plugin.md does what it says: every block runs, in the workspace that its first one makes."""

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
    loaded = shop.types(f"python - <<'PROGRAM'\n{page.take('python load')}\nPROGRAM")
    shop.types(page.take("sh mend"))
    verified = shop.types(page.take("sh verify"))
    with shop.starts(page.take("sh start")) as program:
        program.wait_until(lambda: answers_http(free_port), "the service answers")
        asked = shop.types(page.take("sh ask"))

    assert generated == page.take("text generated")
    assert loaded == "say-hello send-notification\n"
    assert "notifier-api :" in verified
    assert '"items":[{"id":"say-hello"},{"id":"send-notification"}]' in asked
