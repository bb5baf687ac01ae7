"""Which requests another site could have made a browser send."""

import pytest

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_plugin_auth.origin_rule import OriginRule

RULE = OriginRule("https://auth.acme.example", ["https://app.acme.example"])
JSON = {"content-type": "application/json; charset=utf-8"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"origin": "https://auth.acme.example"}),
        ("POST", {"origin": "https://app.acme.example", "sec-fetch-site": "same-site"}),
        ("POST", {"origin": "https://second.acme.example", "host": "second.acme.example"}),
        ("POST", {"origin": "null", "sec-fetch-site": "same-origin"}),
        ("POST", {"sec-fetch-site": "same-origin", **FORM}),
        ("POST", {"sec-fetch-site": "none"}),
        ("POST", JSON),
        ("POST", {"x-netscript-csrf": "1", **FORM}),
        ("DELETE", {}),
    ],
)
def test_our_own_pages_allowed_ones_and_programs_may(method: str, headers: dict[str, str]) -> None:
    refused = None

    try:
        RULE.check(method, headers)
    except FlowRefusedError as error:
        refused = error.seen

    assert refused is None


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"origin": "https://evil.example"}),
        ("POST", {"origin": "https://evil.example", "sec-fetch-site": "same-origin", **JSON}),
        ("POST", {"origin": "https://evil.example", "x-netscript-csrf": "1"}),
        ("DELETE", {"origin": "https://evil.example"}),
        ("POST", {"origin": "https://app.acme.example.evil.example"}),
        ("POST", {"origin": "https://app.acme.example:8443"}),
        ("POST", {"origin": "http://auth.acme.example", "host": "auth.acme.example"}),
        ("POST", {"origin": "HTTPS://AUTH.ACME.EXAMPLE"}),
        ("POST", {"origin": "https://auth.acme.example, https://evil.example"}),
        ("POST", {"origin": ""}),
        ("POST", {"origin": "null"}),
        ("POST", {"origin": "null", **JSON}),
        ("POST", {"origin": "null", "sec-fetch-site": "cross-site"}),
        ("POST", {"sec-fetch-site": "cross-site", **JSON}),
        ("POST", {"sec-fetch-site": "same-site", **JSON}),
        ("POST", {"sec-fetch-site": ""}),
        ("POST", FORM),
        ("POST", {"content-type": "text/plain"}),
        ("POST", {"content-type": "text/plain; application/json"}),
        ("POST", {"content-type": "application/jsonp"}),
        ("POST", {"x-netscript-csrf": ""}),
        ("POST", {}),
    ],
)
def test_what_another_site_could_have_sent_is_refused(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(FlowRefusedError) as caught:
        RULE.check(method, headers)

    assert caught.value.code is FlowReason.CROSS_SITE


def test_the_operator_is_told_what_was_seen() -> None:
    with pytest.raises(FlowRefusedError) as caught:
        RULE.check("POST", {"origin": "https://evil.example"})

    assert caught.value.seen == "https://evil.example"
    assert caught.value.expected == "our own origin, or one that NETSCRIPT_AUTH_ALLOWED_ORIGINS names"
