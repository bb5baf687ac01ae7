"""What a browser does with cookies that a backend leaves in it for its upstream."""

from collections.abc import Sequence

from netscript_auth_core.ports import AuthRequest


def with_cookies(request: AuthRequest, lines: Sequence[str]) -> AuthRequest:
    """Return the next request of a browser that was given these ``Set-Cookie`` values."""
    if not lines:
        return request
    kept = [piece.strip() for piece in request.headers.get("cookie", "").split(";")]
    for line in lines:
        pair, *attributes = [piece.strip() for piece in line.split(";")]
        name = pair.partition("=")[0]
        kept = [piece for piece in kept if piece.partition("=")[0] != name]
        if "max-age=0" not in {each.lower() for each in attributes}:
            kept.append(pair)
    headers = {**request.headers, "cookie": "; ".join(filter(None, kept))}
    return AuthRequest(session_tokens=request.session_tokens, headers=headers)
