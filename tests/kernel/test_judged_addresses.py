"""What is wrong with an address that an operator gave, in words that say what would do."""

import pytest

from netscript_kernel.addresses import address_problem

PLAIN = "is a plain http URL, which "


@pytest.mark.parametrize(
    ("url", "in_development", "in_production"),
    [
        ("https://acme.example/path", None, None),
        (
            "http://acme.example",
            f"{PLAIN}anybody on the way can read and change; it will do only for this machine",
            f"{PLAIN}anybody on the way can read and change; "
            "it will do only for this machine in the development profile",
        ),
        ("http://127.0.0.1:8099", None, f"{PLAIN}only the development profile allows, for this machine"),
        ("http://app.localhost", None, f"{PLAIN}only the development profile allows, for this machine"),
        ("acme.example", *["is not an absolute URL"] * 2),
        ("ftp://acme.example", *["is not an https URL"] * 2),
        (" https://acme.example", *["has a space before or after it"] * 2),
        ("https://alice:hush@acme.example", *["has a user name or password in it"] * 2),
        ("https://acme.example/#x", *["has a fragment (#)"] * 2),
    ],
)
def test_an_address_that_will_not_do_is_told_with_what_would(
    url: str, in_development: str | None, in_production: str | None
) -> None:
    told = (
        address_problem(url, allow_loopback_http=True),
        address_problem(url, allow_loopback_http=False),
    )

    assert told == (in_development, in_production)
