"""How an upstream calls somebody: shown to people and operators, and chosen by whoever it is."""

import pytest

from netscript_auth_core.domain import ExternalIdentity


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Ann Bell", "Ann Bell"),
        ("Mallory\nusr_A  Alice\r\x1b[8m\x00", "Mallory usr_A Alice [8m"),
        ("Ann\u202e\u2066 Bell\u2028\x9b8m", "Ann Bell 8m"),
        ("\n\t\u200f", None),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        (None, None),
    ],
)
def test_a_name_keeps_its_letters_and_nothing_that_is_none(told: str | None, kept: str | None) -> None:
    identity = ExternalIdentity(issuer="https://acme.example", subject="1", provider_id="acme", name=told)

    assert identity.name == kept
