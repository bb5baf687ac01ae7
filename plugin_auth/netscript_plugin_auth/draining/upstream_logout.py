"""Sign-outs that an upstream tells us of, handed to the backends that have its provider."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.errors import LogoutRefusedError
from netscript_auth_core.ports import AuthBackendPort
from netscript_auth_core.reasons import LogoutReason


class DrainingUpstreamLogout:
    """The part of the port for that.

    A session that was exchanged is one of the active backend, and ends by what is told to that one.

    Args:
        backends: Those that have this part.
    """

    def __init__(self, backends: Sequence[AuthBackendPort]) -> None:
        self._backends = backends

    async def end(self, provider_id: str, logout_token: str) -> int:
        """End what the token means, in each backend that has this provider; one that takes it will do."""
        refusal = LogoutRefusedError(LogoutReason.PROVIDER_UNKNOWN, expected="a configured provider")
        ended: list[int] = []
        for backend in self._backends:
            part = backend.upstream_logout
            if part is None or backend.providers.get(provider_id) is None:
                continue
            try:
                ended.append(await part.end(provider_id, logout_token))
            except LogoutRefusedError as error:
                refusal = error
        if not ended:
            raise refusal
        return sum(ended)


def joined_upstream_logout(backends: Iterable[AuthBackendPort]) -> DrainingUpstreamLogout | None:
    """Return one part for those that are there; ``None`` for none."""
    there = [backend for backend in backends if backend.upstream_logout is not None]
    return DrainingUpstreamLogout(there) if there else None


def with_upstream_logout(capabilities: Capabilities) -> Capabilities:
    """Return the same with what an earlier backend still offers: its sessions are to end as before."""
    added = Capability.UPSTREAM_LOGOUT
    why_not = {each: why for each, why in capabilities.why_not.items() if each is not added}
    return replace(capabilities, offered=capabilities.offered | {added}, why_not=why_not)
