"""Where the pages are."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.service.health_routes import RootHandler, service_info
from netscript_kernel.service.settings import ServiceInfo
from netscript_plugin_auth.accept import wants_page
from netscript_plugin_auth.answers import FOUND, redirect
from netscript_plugin_auth.pages.account import ACCOUNT_PATH, LEAVE_PATH, REVOKE_PATH, AccountPages
from netscript_plugin_auth.pages.assets import STYLESHEET_PATH, Stylesheet
from netscript_plugin_auth.pages.login import LoginPages
from netscript_plugin_auth.pages.refusals import Refusals
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.pages.signed_out import SignedOutPage
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signin import LOGIN_PATH
from netscript_plugin_auth.signout_handover import HANDOVER_PATH
from netscript_plugin_auth.signout_return import SIGNED_OUT_PATH


def page_routes(parts: Parts, pages: Pages, refusals: Refusals) -> list[Route]:
    """Return the routes of all pages."""
    login, account = LoginPages(parts, pages), AccountPages(parts, pages)
    kept = parts.limits.kept
    shown = {
        LOGIN_PATH: login.login,
        "/error": login.error,
        ACCOUNT_PATH: kept(account.account),
    }
    routes = [Route(path, refusals.shown(handler), methods=["GET"]) for path, handler in shown.items()]
    routes.append(Route(REVOKE_PATH, refusals.shown(kept(account.revoke)), methods=["POST"]))
    routes.append(Route(LEAVE_PATH, refusals.shown(kept(account.leave)), methods=["POST"]))
    routes += signed_out_routes(parts, pages, refusals)
    routes.append(Route(STYLESHEET_PATH, Stylesheet().answer, methods=["GET"]))
    return routes


def signed_out_routes(parts: Parts, pages: Pages | None, refusals: Refusals) -> list[Route]:
    """Return the routes by which browsers go to the provider and come back, with pages or without."""
    page = SignedOutPage(parts, pages)
    return [
        Route(HANDOVER_PATH, refusals.shown(parts.limits.kept(page.lead_on)), methods=["GET"]),
        Route(SIGNED_OUT_PATH, refusals.shown(page.answer), methods=["GET"]),
    ]


def root_page(info: ServiceInfo) -> RootHandler:
    """Return the handler of ``/``: a browser goes to the account, a program learns what this is."""

    async def root(request: Request) -> Response:
        if wants_page(request.headers.get("accept")):
            return redirect(ACCOUNT_PATH, status=FOUND)
        return service_info(info, [AuthV1])

    return root
