"""Which presets the tests run against something that is not ours; those tests take their list from here."""

from typing import Final

RUN_AT_A_SERVER: Final[tuple[str, ...]] = ("oauth2", "oidc")
RUN_AT_AN_EMULATOR: Final[tuple[str, ...]] = ()
