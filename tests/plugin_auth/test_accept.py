"""Who wants a page, who wants JSON."""

import pytest

from netscript_plugin_auth.accept import wants_json, wants_page


@pytest.mark.parametrize(
    ("accept", "page", "json"),
    [
        (None, False, False),
        ("", False, False),
        ("*/*", False, False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True, False),
        ("TEXT/HTML", True, False),
        ("application/json", False, True),
        ("application/problem+json, */*;q=0.1", False, True),
        ("text/html;q=0.5, application/json", False, True),
        ("application/json;q=0.5, text/html", True, False),
        ("application/json, text/html", True, False),
        ("text/html;q=0, */*", False, False),
        ("text/html;q=much", False, False),
        ("application/json;q=0", False, False),
        (", , ;q=1", False, False),
        ("text/*", False, False),
        ("a/b," * 100_000 + "text/html", False, False),
    ],
)
def test_a_page_or_json_is_wished_for_by_name(accept: str | None, *, page: bool, json: bool) -> None:
    assert (wants_page(accept), wants_json(accept)) == (page, json)
