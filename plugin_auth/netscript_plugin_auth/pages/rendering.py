"""Makes pages out of templates, each with the headers of a page that shows who somebody is."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import Response

from netscript_auth_core.contract_v1 import AUTH_OPERATION_UNSUPPORTED, AuthV1
from netscript_auth_core.errors import OperationUnsupportedError
from netscript_kernel.request_context import REQUEST_ID
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.pages.sentences import GENERAL, SENTENCES

if TYPE_CHECKING:
    from jinja2 import Environment

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",  # the back button must not show an account after signing out
    "Content-Security-Policy": _POLICY,
    # Not no-referrer: under that, browsers send our own forms with "Origin: null".
    "Referrer-Policy": "same-origin",
}


class Pages:
    """Renders.

    Args:
        public_url: What the outside calls the service: links into a sign-in lead there, because the provider
            leads back there, and cookies do not cross hosts.
    """

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    @property
    def signin_url(self) -> str:
        """Where a sign-in begins."""
        return f"{self._public_url}{AuthV1.prefix}{AuthV1.begin_signin.path}"

    def show(
        self,
        template: str,
        values: Mapping[str, object],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return a page.

        Args:
            template: Name of its file.
            values: What the template names; everything is escaped.
            status: HTTP status.
            headers: Further ones.
        """
        given = {"signin_url": self.signin_url, "signout_path": f"{AuthV1.prefix}{AuthV1.signout.path}"}
        text = _templates().get_template(template).render({**given, **values})
        sent = {**_HEADERS, **(headers or {})}
        return Response(text, status_code=status, headers=sent, media_type="text/html; charset=utf-8")

    def refusal(self, problem: ProblemError, sentences: Mapping[str, str] = SENTENCES) -> Response:
        """Return the page for a problem: a sentence, the reason code, the request's id, and a way on.

        Args:
            problem: What went wrong.
            sentences: One for each reason code.
        """
        data = problem.data or {}
        is_elsewhere = problem.spec is AUTH_OPERATION_UNSUPPORTED  # its reason is a sentence for developers
        code = OperationUnsupportedError.reason if is_elsewhere else data.get("reason")
        reason = str(code or problem.spec.code.lower())
        values = {
            "reason": reason,
            "sentence": sentences.get(reason, GENERAL),
            "request_id": REQUEST_ID.get(),
            "is_signed_in": bool(data.get("authenticated")),
            "elsewhere": data.get("signInUrl"),
        }
        # The address of this page may hold a code and a state.
        headers = {**problem.headers, "Referrer-Policy": "no-referrer"}
        return self.show("error.html", values, status=problem.spec.status, headers=headers)


@cache
def _templates() -> "Environment":
    # Imported with the first page: a process that only checks sessions never pays for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("netscript_plugin_auth.pages")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
