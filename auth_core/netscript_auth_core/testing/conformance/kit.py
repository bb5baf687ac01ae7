"""The whole kit."""

import pytest

from netscript_auth_core.testing.backend_under_test import BackendUnderTest, SubjectIncompleteError
from netscript_auth_core.testing.conformance.binding_rules import BindingRules
from netscript_auth_core.testing.conformance.callback_rules import CallbackRules
from netscript_auth_core.testing.conformance.capability_rules import CapabilityRules
from netscript_auth_core.testing.conformance.credential_rules import CredentialRules
from netscript_auth_core.testing.conformance.ending_rules import EndingRules
from netscript_auth_core.testing.conformance.life_rules import LifeRules
from netscript_auth_core.testing.conformance.limit_rules import LimitRules
from netscript_auth_core.testing.conformance.logged_ending_rules import LoggedEndingRules
from netscript_auth_core.testing.conformance.outage_rules import OutageRules
from netscript_auth_core.testing.conformance.parameter_rules import ParameterRules
from netscript_auth_core.testing.conformance.refresh_rules import RefreshRules
from netscript_auth_core.testing.conformance.sealed_rules import SealedRules
from netscript_auth_core.testing.conformance.secrecy_rules import SecrecyRules
from netscript_auth_core.testing.conformance.session_rules import SessionRules
from netscript_auth_core.testing.conformance.signin_rules import SigninRules
from netscript_auth_core.testing.conformance.signout_rules import SignoutRules
from netscript_auth_core.testing.conformance.step_up_rules import StepUpRules
from netscript_auth_core.testing.conformance.token_rules import TokenRules
from netscript_auth_core.testing.conformance.upkeep_rules import UpkeepRules
from netscript_auth_core.testing.conformance.upstream_logout_rules import UpstreamLogoutRules
from netscript_auth_core.testing.conformance.upstream_rules import UpstreamRules


@pytest.mark.anyio
class AuthBackendConformance(
    CapabilityRules,
    SigninRules,
    BindingRules,
    CallbackRules,
    ParameterRules,
    StepUpRules,
    TokenRules,
    CredentialRules,
    SessionRules,
    EndingRules,
    LoggedEndingRules,
    LimitRules,
    RefreshRules,
    OutageRules,
    UpstreamRules,
    LifeRules,
    SignoutRules,
    UpkeepRules,
    UpstreamLogoutRules,
    SealedRules,
    SecrecyRules,
):
    """Judges a backend by the sentences of ``AuthBackendPort``.

    A subclass gives the fixture ``subject``: a backend that is started and holds nobody's session, with what
    is around it; a new one for each test. What a backend does not offer is not skipped: the same tests then
    judge that it is refused. Values are judged, not HTTP: cookies' attributes are the service's.
    """

    @pytest.fixture
    def subject(self) -> BackendUnderTest:
        """Give the backend; every subclass does."""
        raise SubjectIncompleteError("subject", f"{type(self).__name__} has to give the fixture `subject`")
