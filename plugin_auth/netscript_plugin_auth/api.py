"""Binds the handlers to the contract."""

from starlette.requests import Request

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import (
    COMMON_PROBLEMS,
    AuthV1,
    BackendView,
    DescribeView,
    ProvidersView,
    UnsupportedView,
)
from netscript_kernel.service.implementation import Implementation, implement
from netscript_plugin_auth.backchannel_logout import BackchannelLogout
from netscript_plugin_auth.callback import Callback
from netscript_plugin_auth.gateway.verify import Verify
from netscript_plugin_auth.hot_path import SessionChecks
from netscript_plugin_auth.own_manifest import OwnManifest, own_manifest
from netscript_plugin_auth.own_sessions import OwnSessions
from netscript_plugin_auth.pages.refusals import Refusals
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signin import Signin
from netscript_plugin_auth.signout import Signout
from netscript_plugin_auth.tokens.token_desk import TokenDesk


def implementations(parts: Parts, verify: Verify, refusals: Refusals) -> list[Implementation]:
    """Return every contract that the manifest names, implemented.

    Args:
        parts: What the handlers work with.
        verify: Answers proxies here, and on paths beside the contract.
        refusals: Shows a page where a browser, not a program, is refused a sign-in.
    """
    implemented = {f"{AuthV1.__module__}:{AuthV1.__qualname__}": _implement_v1}
    manifest = own_manifest()
    return [implemented[each](parts, verify, refusals, manifest) for each in manifest.contracts.values()]


def _implement_v1(parts: Parts, verify: Verify, refusals: Refusals, manifest: OwnManifest) -> Implementation:
    implementation = implement(AuthV1, common_problems=COMMON_PROBLEMS)
    signin, callback, own = Signin(parts), Callback(parts), OwnSessions(parts)
    checks = SessionChecks(parts.authenticate, parts.visitors)
    limits = parts.limits
    arrived, posted = (
        refusals.shown_at_signin(limits.kept(each)) for each in (callback.arrived, callback.posted)
    )
    implementation.handles(AuthV1.begin_signin)(refusals.shown_at_signin(limits.kept(signin.from_link)))
    implementation.handles(AuthV1.signin)(limits.kept(signin.from_page))
    implementation.handles(AuthV1.callback)(arrived)
    implementation.handles(AuthV1.callback_of_provider)(arrived)
    implementation.handles(AuthV1.posted_callback)(posted)
    implementation.handles(AuthV1.posted_callback_of_provider)(posted)
    implementation.handles(AuthV1.backchannel_logout)(
        parts.logout_limits.kept_for_refusals(BackchannelLogout(parts).told)
    )
    implementation.handles(AuthV1.signout)(refusals.shown(limits.kept(Signout(parts).wished)))
    implementation.handles_hot(AuthV1.session)(checks.session)
    implementation.handles_hot(AuthV1.me)(checks.me)
    implementation.handles_hot(AuthV1.verify)(verify.ask)
    implementation.handles(AuthV1.sessions)(limits.kept_with_input(own.listed))
    implementation.handles(AuthV1.revoke_session)(limits.kept_with_input(own.ended))
    implementation.handles(AuthV1.token)(limits.kept(TokenDesk(parts).issued))
    implementation.handles(AuthV1.revocations)(parts.revocations.opened)
    _bind_descriptions(implementation, parts, manifest)
    return implementation


def _bind_descriptions(implementation: Implementation, parts: Parts, manifest: OwnManifest) -> None:
    backend = parts.backend
    can = backend.capabilities
    view = BackendView(
        name=backend.name,
        revocation_lag_seconds=can.revocation_lag.total_seconds(),
        unsupported=tuple(
            UnsupportedView(capability=each.value, reason=why) for each, why in can.refused.items()
        ),
        sign_in_url=can.sign_in_url,
    )
    groups = _route_groups(parts)

    @implementation.handles(AuthV1.describe)
    async def describe(_: object, __: Request) -> DescribeView:  # pyright: ignore[reportUnusedFunction]  # bound
        return DescribeView(
            plugin_name=manifest.plugin,
            contract_versions=tuple(manifest.contracts),
            route_groups=groups,
            capabilities=tuple(sorted(can.offered)),
            backend=view,
        )

    @implementation.handles(AuthV1.providers)
    async def providers(_: object, __: Request) -> ProvidersView:  # pyright: ignore[reportUnusedFunction]  # bound
        return ProvidersView(providers=tuple(backend.providers.list()))


def _route_groups(parts: Parts) -> tuple[str, ...]:
    """Return the groups of endpoints that can be of use with this backend."""
    offered = parts.backend.capabilities.offered
    groups = {
        "signin": Capability.SIGNIN in offered,
        "session": True,
        "verify": True,
        "sessions": Capability.LIST_SESSIONS in offered,
        "backchannel-logout": Capability.UPSTREAM_LOGOUT in offered,
        "pages": parts.has_pages,
        "tokens": parts.tokens is not None,
        "revocations": parts.revocations.is_open,
    }
    return tuple(name for name, is_there in groups.items() if is_there)
