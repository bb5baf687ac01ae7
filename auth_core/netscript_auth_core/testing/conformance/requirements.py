"""What a test needs of a backend, and what is judged where the backend does not offer it."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias, cast

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import Device, ExternalIdentity
from netscript_auth_core.errors import OperationUnsupportedError
from netscript_auth_core.ports import AuthBackendPort, CallbackRequest, SigninRequest
from netscript_auth_core.testing.backend_under_test import BackendUnderTest

P = ParamSpec("P")
Test: TypeAlias = Callable[Concatenate[Any, BackendUnderTest, P], Coroutine[Any, Any, None]]

_STRANGER = ExternalIdentity(issuer="https://nowhere.invalid", subject="stranger", provider_id="nowhere")


def requires(*capabilities: Capability) -> Callable[[Test[P]], Test[P]]:
    """Judge a test where the capabilities are offered; where one is not, judge that it is refused.

    So no test is ever skipped: it holds a backend to what it offers, or to its refusal.
    """

    def decorate(test: Test[P]) -> Test[P]:
        @wraps(test)
        async def judge(self: Any, subject: BackendUnderTest, *args: P.args, **kwargs: P.kwargs) -> None:
            missing = [each for each in capabilities if each not in subject.backend.capabilities]
            for capability in missing:
                await expect_unsupported(subject.backend, capability)
            if not missing:
                await test(self, subject, *args, **kwargs)

        return cast("Test[P]", judge)  # pytest gives `subject` by its name, so it is not positional-only

    return decorate


async def expect_unsupported(backend: AuthBackendPort, capability: Capability) -> None:
    """Judge the refusal of what is not offered: an error that names backend, operation and reason.

    A backend without an interactive part refuses sign-in by having none: then it shows no choice of
    providers either, and ``create`` is refused unless it is offered. So it does with sign-outs that an
    upstream tells of.
    """
    is_signin = capability in (Capability.SIGNIN, Capability.CALLBACK, Capability.STEP_UP)
    if is_signin and backend.interactive is None:
        await _expect_no_way_in(backend)
        return
    if capability is Capability.UPSTREAM_LOGOUT:
        assert backend.upstream_logout is None, "a part is there for what is not offered"
        assert backend.capabilities.refused[capability]
        return
    with pytest.raises(OperationUnsupportedError) as caught:
        await _ask(backend, capability)
    assert caught.value.backend == backend.name
    assert caught.value.operation
    assert caught.value.why, "a refusal says why, and which way to go instead"


async def _expect_no_way_in(backend: AuthBackendPort) -> None:
    """Judge that who has no interactive part offers no choice, and hides no session behind ``create``."""
    offered = backend.capabilities.offered
    assert not {Capability.SIGNIN, Capability.CALLBACK} & offered
    assert list(backend.providers.list()) == [], "a choice of providers is shown that leads nowhere"
    if Capability.CREATE_SESSIONS not in offered:
        await expect_unsupported(backend, Capability.CREATE_SESSIONS)


async def _ask(backend: AuthBackendPort, capability: Capability) -> object:
    """Use an operation with input of no meaning: a refusal looks at none."""
    sessions, interactive = backend.sessions, backend.interactive
    match capability:
        case Capability.SIGNIN:
            assert interactive is not None
            return await interactive.start(SigninRequest(None, "/"))
        case Capability.STEP_UP:
            assert interactive is not None
            return await interactive.start(SigninRequest(None, "/", max_age=timedelta(0)))
        case Capability.CALLBACK:
            assert interactive is not None
            return await interactive.complete(CallbackRequest([("code", "c"), ("state", "s")]))
        case Capability.CREATE_SESSIONS:
            return await sessions.create(_STRANGER, Device())
        case Capability.REFRESH:
            return await sessions.refresh("no-such-session")
        case Capability.REVOKE:
            return await sessions.revoke("no-such-session")
        case Capability.LIST_SESSIONS:
            return await sessions.list_for_user("nobody")
        case Capability.REVOKE_ALL:
            return await sessions.revoke_all_for_user("nobody")
        case Capability.UPSTREAM_LOGOUT:
            assert backend.upstream_logout is not None
            return await backend.upstream_logout.end("nobody", "no-token")
