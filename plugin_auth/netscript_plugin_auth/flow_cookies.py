"""Cookies of sign-ins under way: one for each, at most five in a browser, the oldest goes first.

What the backend puts into a flow cookie is opaque to us. We sign it once more, bound to the flow's id,
with the time of issue: so the age of a cookie is our own word, not the browser's, and cookies that are
not ours never reach the backend. How old a sign-in may be is the backend's to judge: it answers
``flow_expired`` with a reason, where a cookie that we hid from it would look like another browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from netscript_auth_core.ports import FlowCookie
from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_plugin_auth.clock_signer import ClockSigner
from netscript_plugin_auth.cookie_header import RawHeaders
from netscript_plugin_auth.cookies import CookiePolicy

MOST_AT_ONCE = 5

_PURPOSE = "auth-flow-cookie"


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str
    issued_at: datetime


class FlowCookies:
    """Writes and reads them.

    Args:
        policy: Names and attributes.
        keys: For the signature.
        clock: For the time of issue.
    """

    def __init__(self, policy: CookiePolicy, keys: SealingKeys, clock: Clock) -> None:
        self._policy = policy
        self._reader = policy.flow_reader()
        self._signer = ClockSigner(keys.signing_keys(_PURPOSE), clock)

    def begin(self, cookie: FlowCookie, headers: RawHeaders) -> list[str]:
        """Return the ``Set-Cookie`` lines of a new sign-in: its own, and deletions of what must go for it.

        Args:
            cookie: Of the new sign-in.
            headers: Of the request that began it, with the cookies that the browser has by now.
        """
        present = self._reader.by_id(headers)
        kept = self._open(present)
        oldest_first = sorted(kept, key=lambda flow_id: kept[flow_id].issued_at)
        too_many = max(0, len(kept) + 1 - MOST_AT_ONCE)
        foreign = present.keys() - kept.keys()
        gone = [*oldest_first[:too_many], *sorted(foreign)]
        value = self._signer.sign(cookie.value, context=cookie.flow_id)
        own = self._policy.write(self._policy.flow_name(cookie.flow_id), value, cookie.lifetime)
        return [own, *(self.end(flow_id) for flow_id in gone if flow_id != cookie.flow_id)]

    def read(self, headers: RawHeaders) -> Mapping[str, str]:
        """Return what the backend left in this browser, by flow id."""
        return {flow_id: kept.value for flow_id, kept in self._open(self._reader.by_id(headers)).items()}

    def end(self, flow_id: str) -> str:
        """Return the ``Set-Cookie`` line that deletes the cookie of one sign-in."""
        return self._policy.clear(self._policy.flow_name(flow_id))

    def _open(self, present: Mapping[str, str]) -> dict[str, _Kept]:
        opened = {flow_id: self._signer.open(value, context=flow_id) for flow_id, value in present.items()}
        return {flow_id: _Kept(*ours) for flow_id, ours in opened.items() if ours}
