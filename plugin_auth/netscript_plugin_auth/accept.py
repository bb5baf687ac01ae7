"""Whether the other side wants a page or JSON (RFC 9110 section 12.5.1)."""

_JSON = frozenset({"application/json", "application/problem+json"})
_HTML = "text/html"
_MOST_READ = 20


def wants_page(accept: str | None) -> bool:
    """Whether a page is asked for by name, as browsers do to navigate; ``*/*`` is no such wish."""
    html, json = _wishes(accept)
    return html > 0 and html >= json


def wants_json(accept: str | None) -> bool:
    """Whether JSON is asked for by name, and not less than a page."""
    html, json = _wishes(accept)
    return json > 0 and json > html


def _wishes(accept: str | None) -> tuple[float, float]:
    html = json = 0.0
    for part in (accept or "").lower().split(",", _MOST_READ)[:_MOST_READ]:
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        if media_type == _HTML:
            html = max(html, _quality(parameters))
        if media_type in _JSON:
            json = max(json, _quality(parameters))
    return html, json


def _quality(parameters: list[str]) -> float:
    given = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return min(1.0, max(0.0, float(given)))
    except ValueError:
        return 0.0
