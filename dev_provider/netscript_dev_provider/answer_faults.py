"""Faults of everything but the id token: authorization response, token response, userinfo, keys, metadata."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from netscript_dev_provider.changes import Change, Fields, Members, added, drop, put, replaced, without
from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_dev_provider.token_faults import IMPOSTOR

_HUGE: Final = 20_000_000
_APOLOGY: Final = "<!doctype html><title>Sorry</title><p>Something went wrong.</p>"


def _swell(body: Members) -> None:
    body["padding"] = "A" * _HUGE


AUTHORIZATION_FAULTS: Final[Mapping[Misbehaviour, Callable[[Fields], Fields]]] = {
    Misbehaviour.WRONG_ISS_IN_RESPONSE: replaced("iss", IMPOSTOR),
    Misbehaviour.MISSING_ISS_IN_RESPONSE: without("iss"),
    Misbehaviour.DUPLICATE_ISS: added("iss", IMPOSTOR),
    Misbehaviour.WRONG_STATE: replaced("state", "the-state-of-another-flow"),
    Misbehaviour.MISSING_STATE: without("state"),
    Misbehaviour.DUPLICATE_STATE: added("state", "the-state-of-another-flow"),
    Misbehaviour.CODE_AND_ERROR: added("error", "server_error"),
    Misbehaviour.NEITHER_CODE_NOR_ERROR: without("code", "error", "error_description"),
}

TOKEN_BODY_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    Misbehaviour.NO_ID_TOKEN: drop("id_token"),
    Misbehaviour.TOKEN_TYPE_MAC: put("token_type", "mac"),
    Misbehaviour.ACCESS_TOKEN_NOT_TEXT: put("access_token", 42),
    Misbehaviour.EXPIRES_IN_AS_TEXT: put("expires_in", "3600"),
    Misbehaviour.EXPIRES_IN_NEGATIVE: put("expires_in", -300),
}

TOKEN_ANSWER_FAULTS: Final[Mapping[Misbehaviour, Callable[[], Response]]] = {
    Misbehaviour.TOKEN_500: lambda: JSONResponse({"error": "server_error"}, status_code=500),
    Misbehaviour.TOKEN_HTML: lambda: HTMLResponse(_APOLOGY),
    Misbehaviour.TOKEN_200_ERROR: lambda: JSONResponse({"error": "bad_verification_code"}),
    Misbehaviour.TOKEN_EMPTY: lambda: Response(media_type="application/json"),
    Misbehaviour.TOKEN_REDIRECT: lambda: RedirectResponse(f"{IMPOSTOR}/token", status_code=307),
}

USERINFO_BODY_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    Misbehaviour.USERINFO_OTHER_SUB: put("sub", "dev|somebody-else"),
    Misbehaviour.USERINFO_WITHOUT_SUB: drop("sub"),
}

USERINFO_ANSWER_FAULTS: Final[Mapping[Misbehaviour, Callable[[], Response]]] = {
    Misbehaviour.USERINFO_401: lambda: JSONResponse({"error": "invalid_token"}, status_code=401),
    Misbehaviour.USERINFO_500: lambda: PlainTextResponse("Internal Server Error", status_code=500),
    Misbehaviour.USERINFO_HTML: lambda: HTMLResponse(_APOLOGY),
}

JWKS_BODY_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    Misbehaviour.HUGE_JWKS: _swell,
}

JWKS_ANSWER_FAULTS: Final[Mapping[Misbehaviour, Callable[[], Response]]] = {
    Misbehaviour.JWKS_500: lambda: PlainTextResponse("Internal Server Error", status_code=500),
}

METADATA_BODY_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    Misbehaviour.DISCOVERY_WRONG_ISSUER: put("issuer", IMPOSTOR),
    Misbehaviour.METADATA_WITHOUT_PKCE: drop("code_challenge_methods_supported"),
}

METADATA_ANSWER_FAULTS: Final[Mapping[Misbehaviour, Callable[[], Response]]] = {
    Misbehaviour.DISCOVERY_500: lambda: PlainTextResponse("Internal Server Error", status_code=500),
}
