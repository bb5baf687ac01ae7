"""The examples for proxies send to auth-api what is auth-api's, and nothing else."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from unittest.mock import Mock

import pytest

from netscript_auth_core.contract_v1 import AuthV1
from netscript_plugin_auth.pages.refusals import Refusals
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.pages.routes import page_routes
from netscript_plugin_auth.pages.way_in import WayIn
from tests.support.documented import Page

OPERATIONS = {AuthV1.prefix + each.path for each in AuthV1.operations.values()}
PAGES = {route.path for route in page_routes(Mock(), Pages(WayIn(None)), Refusals(None))}
OF_THE_APPLICATION = (
    "/",
    "/inbox",
    "/accounts",
    "/login.html",
    "/assets/app.css",
    "/api/v1/authors",
    "/x/login",
)
OF_THE_INSIDE = ("/health", "/health/live", "/health/ready", "/api/docs", "/api/openapi.json")


def _nginx(configuration: str) -> Callable[[str], bool]:
    (pattern,) = re.findall(r"location ~ (\S+) \{", configuration)
    return lambda path: re.search(pattern, path) is not None


def _caddy(configuration: str) -> Callable[[str], bool]:
    (patterns,) = re.findall(r"@auth path (.+)", configuration)
    return lambda path: any(fnmatchcase(path, pattern) for pattern in patterns.split())


@pytest.mark.page("docs/behind-a-proxy.md", "nginx", "caddy")
def test_both_proxies_send_every_path_of_auth_api_there_and_no_other(page: Page) -> None:
    for is_sent_on in (_nginx(page.take("nginx")), _caddy(page.take("caddy"))):
        _judge(is_sent_on)


def _judge(is_sent_on: Callable[[str], bool]) -> None:
    wrong = {path for path in OPERATIONS | PAGES if not is_sent_on(path)}
    too_much = {path for path in (*OF_THE_APPLICATION, *OF_THE_INSIDE) if is_sent_on(path)}

    assert (wrong, too_much) == (set(), set())
    assert len(PAGES) >= 8
