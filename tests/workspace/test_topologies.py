"""docs/topologies.md: auth-api starts with every block of it, and it means what the page says."""

from typing import Final

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from netscript_auth_client.authenticator import create_authenticator
from netscript_kernel.service.define import define_service
from netscript_kernel.service.guards import principal_of, with_authn
from netscript_plugin_auth.settings import AuthServiceSettings
from tests.support.auth_api import settings_from
from tests.support.documented import Page

PREFIX: Final = "NETSCRIPT_AUTH_"


def settings_of(page: Page, info: str) -> AuthServiceSettings:
    pairs = (line.partition("=") for line in page.take(info).splitlines())
    return settings_from(**{variable.removeprefix(PREFIX): value for variable, _, value in pairs})


@pytest.mark.page("docs/topologies.md", "sh page", "sh one-host", "sh forward-auth")
def test_three_of_four_keep_the_cookie_on_one_host(page: Page) -> None:
    policies = [
        settings_of(page, info).cookie_policy() for info in ("sh page", "sh one-host", "sh forward-auth")
    ]

    assert {(policy.session_name, policy.domain) for policy in policies} == {
        ("__Host-netscript-session", None)
    }


@pytest.mark.page("docs/topologies.md", "sh proxied")
async def test_a_service_behind_the_proxy_believes_it_and_nobody_else(page: Page) -> None:
    pairs = (line.partition("=") for line in page.take("sh proxied").splitlines())
    variables = {variable: value for variable, _, value in pairs}
    guard = with_authn(create_authenticator(variables))
    service = define_service(
        "me", "1", implementations=[], routes=[Route("/me", me)], environment=variables, authn=guard
    )
    await service.start()

    answers = [await asked_by(peer, service.app) for peer in ("127.0.0.1", "10.1.2.3")]
    await service.stop()

    assert [each.status_code for each in answers] == [200, 401]
    assert answers[0].text == "usr_alice"
    assert "strict-transport-security" in answers[0].headers
    assert answers[1].json()["data"]["reason"] == "not_by_proxy"


async def me(request: Request) -> Response:
    return PlainTextResponse(principal_of(request).subject)


async def asked_by(peer: str, app: ASGIApp) -> httpx.Response:
    """Ask as the proxy of the page does, which hands on the host."""
    transport = httpx.ASGITransport(app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://acme.example") as http:
        return await http.get("/me", headers={"x-auth-request-user": "usr_alice"})


@pytest.mark.page("docs/topologies.md", "sh siblings")
def test_siblings_share_the_cookie_of_their_domain(page: Page) -> None:
    policy = settings_of(page, "sh siblings").cookie_policy()

    assert (policy.session_name, policy.domain) == ("__Secure-netscript-session", "acme.example")


@pytest.mark.page("docs/topologies.md", "sh page", "sh siblings")
def test_pages_of_the_application_may_call_and_be_returned_to(page: Page) -> None:
    both = [settings_of(page, info) for info in ("sh page", "sh siblings")]

    assert [settings.allowed_origins for settings in both] == [("https://app.acme.example",)] * 2
    assert all(settings.return_to_policy().allows("https://app.acme.example/orders") for settings in both)
