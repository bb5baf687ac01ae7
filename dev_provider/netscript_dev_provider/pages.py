"""What people see. Every page is escaped by Jinja2 and locked by a Content-Security-Policy."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from netscript_dev_provider.authorization_request import AuthorizationRequest
from netscript_dev_provider.changes import Fields
from netscript_dev_provider.config import ProviderConfig, origin_of
from netscript_dev_provider.personas import Persona

_SUBMIT: Final = "document.forms[0].submit()"
# Chromium holds form-action against every redirect that follows a form too, and the application's callback
# may send people on to another of its own hosts. All of them are on loopback in development.
_LOOPBACK_ORIGINS: Final = tuple(
    f"{scheme}://{host}:*"
    for scheme in ("http", "https")
    for host in ("localhost", "*.localhost", "127.0.0.1")
)


class Pages:
    """Renders the pages of one provider."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config

    def index(self) -> Response:
        """Say what this is and where the metadata is."""
        return self._page("index.html")

    def sign_in(self, request: AuthorizationRequest, page_id: str, suggested: Persona | None) -> Response:
        """Offer everybody who can sign in; the suggested person comes with a mark."""
        return self._page(
            "sign_in.html",
            form_action=("'self'", _source(request.redirect_uri), *_LOOPBACK_ORIGINS),
            request=request,
            page_id=page_id,
            suggested=suggested,
        )

    def form_post(self, action: str, fields: Fields) -> Response:
        """Carry an answer to the application in a form that sends itself, or by hand without scripts."""
        digest = base64.b64encode(hashlib.sha256(_SUBMIT.encode()).digest()).decode()
        return self._page(
            "form_post.html",
            form_action=(_source(action), *_LOOPBACK_ORIGINS),
            script=f"'sha256-{digest}'",
            action=action,
            fields=fields,
            submit=_SUBMIT,
        )

    def signed_out(self) -> Response:
        """Confirm a sign-out that leads nowhere else."""
        return self._page("signed_out.html")

    def error(self, title: str, explanation: str) -> Response:
        """Tell the person what is wrong, since nobody else may be told."""
        return self._page("error.html", status=400, title=title, explanation=explanation)

    def style(self) -> Response:
        """Return the style sheet."""
        text = files("netscript_dev_provider").joinpath("templates/style.css").read_text("utf-8")
        return Response(text, media_type="text/css", headers={"X-Content-Type-Options": "nosniff"})

    def _page(
        self,
        template: str,
        *,
        status: int = 200,
        form_action: tuple[str, ...] = ("'none'",),
        script: str = "'none'",
        **values: object,
    ) -> Response:
        html = _templates().get_template(template).render(config=self._config, **values)
        policy = (
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"script-src {script}; form-action {' '.join(form_action)}"
        )
        headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            # An application may check the origin of a form_post; the rest of our URLs holds state and nonce.
            "Referrer-Policy": "strict-origin",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(html, status, headers)


@cache
def _templates() -> Environment:
    # Compiled once for all providers of the process: tests open hundreds of them.
    return Environment(
        loader=PackageLoader("netscript_dev_provider"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(uri: str) -> str:
    """Name the origin of a URL in a policy, which has no word for IPv6 addresses (CSP Level 3, 2.3.1)."""
    origin = origin_of(uri)
    return origin if "[" not in origin else f"{urlsplit(uri).scheme}:"
