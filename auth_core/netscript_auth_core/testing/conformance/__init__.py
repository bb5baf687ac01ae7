"""What every auth backend must do, as one pytest class to inherit from."""

import pytest

for _rules in (
    "browser",
    "upstream_cookies",
    "visits",
    "requirements",
    "capability_rules",
    "signin_rules",
    "binding_rules",
    "callback_rules",
    "parameter_rules",
    "step_up_rules",
    "token_rules",
    "credential_rules",
    "session_rules",
    "ending_rules",
    "limit_rules",
    "logged_ending_rules",
    "refresh_rules",
    "outage_rules",
    "upstream_rules",
    "life_rules",
    "signout_rules",
    "upkeep_rules",
    "upstream_logout_rules",
    "sealed_rules",
    "secrecy_rules",
):
    pytest.register_assert_rewrite(f"{__name__}.{_rules}")

# After the lines above, so that a failed assertion shows both of its sides.
from netscript_auth_core.testing.conformance.kit import AuthBackendConformance  # noqa: E402

__all__ = ["AuthBackendConformance"]
