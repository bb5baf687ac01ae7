"""docs/behind-a-proxy.md: the command by which somebody sees that it works."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.desk import AUTH_HOST
from tests.support.documented import Page
from tests.support.site import Site

pytestmark = [pytest.mark.peer, pytest.mark.slow]


@pytest.mark.page("docs/behind-a-proxy.md", "sh")
def test_the_command_shows_that_requests_arrive(page: Page, production_site: Site, tmp_path: Path) -> None:
    assert production_site.certificates is not None
    address = production_site.url.removeprefix("https://")
    # What differs here is said where curl itself looks for it.
    told = [f"cacert = {production_site.certificates.authority}", f"connect-to = {address}:127.0.0.1:"]
    (tmp_path / ".curlrc").write_text("\n".join(told))
    command = page.take("sh").replace("acme.example", address)

    answer = subprocess.run(
        ["bash", "-euc", command],  # noqa: S607 - bash of the PATH
        env={"PATH": os.environ["PATH"], "CURL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert AUTH_HOST in address
    promised = command.partition("# ")[2].strip()
    status, _, body = promised.partition(" ")
    assert f" {status}" in answer.splitlines()[0]
    assert answer.splitlines()[-1] == body
