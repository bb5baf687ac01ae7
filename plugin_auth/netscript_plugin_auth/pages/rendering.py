"""Makes pages out of templates, each with the headers of a page that shows who somebody is."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import Response

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import AUTH_OPERATION_UNSUPPORTED, AuthV1
from netscript_auth_core.errors import OperationUnsupportedError
from netscript_kernel.request_context import REQUEST_ID
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.pages.sentences import DID_NOT_WORK, GENERAL, SENTENCES, as_sentence
from netscript_plugin_auth.pages.way_in import WayIn

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

    Attributes:
        way_in: Where a sign-in begins.
    """

    def __init__(self, way_in: WayIn) -> None:
        self.way_in = way_in

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
        given = {"way_in": self.way_in, "signout_path": f"{AuthV1.prefix}{AuthV1.signout.path}"}
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
        if problem.spec is AUTH_OPERATION_UNSUPPORTED:
            reason, sentence = OperationUnsupportedError.reason, as_sentence(str(data["reason"]))
        else:
            reason = str(data.get("reason") or problem.spec.code.lower())
            sentence = sentences.get(reason, GENERAL)
        values = {
            "title": _title_of(problem),
            "reason": reason,
            "sentence": sentence,
            "request_id": REQUEST_ID.get(),
            "leads_to_account": data.get("authenticated") or _is_for_the_signed_in(problem),
        }
        # The address of this page may hold a code and a state.
        headers = {**problem.headers, "Referrer-Policy": "no-referrer"}
        return self.show("error.html", values, status=problem.spec.status, headers=headers)


def _title_of(problem: ProblemError) -> str:
    if problem.spec is AUTH_OPERATION_UNSUPPORTED:
        return "This is not offered here"
    return "You are already signed in" if (problem.data or {}).get("authenticated") else DID_NOT_WORK


def _is_for_the_signed_in(problem: ProblemError) -> bool:
    """Whether what is not offered is none of signing in, so that the way on is back."""
    is_signin = (problem.data or {}).get("operation") in {Capability.SIGNIN, Capability.CALLBACK}
    return problem.spec is AUTH_OPERATION_UNSUPPORTED and not is_signin


@cache
def _templates() -> "Environment":
    # Imported with the first page: a process that only checks sessions never pays for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("netscript_plugin_auth.pages")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
