"""Which presets the tests run against something that is not ours; those tests take their list from here."""

from typing import Final

# A certified OpenID provider, as itself and as one of plain OAuth 2.0.
RUN_AT_A_SERVER: Final[tuple[str, ...]] = ("oauth2", "oidc")
# Those whose emulator looks at what matters. What each passes over is told beside the test.
RUN_AT_AN_EMULATOR: Final[tuple[str, ...]] = ("apple", "github", "google", "microsoft", "okta")
