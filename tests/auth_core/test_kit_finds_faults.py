"""The kit is worth something: each of many broken backends is found by the rule that should find it."""

import pytest

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.testing import AuthBackendConformance
from netscript_auth_core.testing.conformance import refresh_rules
from netscript_auth_core.testing.memory_subject import memory_subject
from tests.auth_core import (
    faulty_answers,
    faulty_sessions,
    faulty_signin,
    faulty_signout,
    faulty_upstream_logout,
)
from tests.auth_core.faults import Fault

FAULTS = (
    *faulty_signin.FAULTS,
    *faulty_sessions.FAULTS,
    *faulty_answers.FAULTS,
    *faulty_signout.FAULTS,
    *faulty_upstream_logout.FAULTS,
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh_rules, "PATIENCE", 0.1)
    await _judge(MemoryAuthBackend, fault)

    with pytest.raises((Exception, pytest.fail.Exception)):
        await _judge(fault.backend, fault)


async def _judge(backend: type[MemoryAuthBackend], fault: Fault) -> None:
    """Run one rule of the kit against a backend."""
    rule = getattr(AuthBackendConformance(), fault.rule)
    async with memory_subject(backend) as subject:
        await rule(subject=subject, **fault.case)
