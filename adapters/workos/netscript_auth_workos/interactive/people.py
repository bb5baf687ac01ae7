"""From a person at WorkOS to one of our users."""

from collections.abc import Mapping

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthUser
from netscript_auth_workos.api.accounts import identity_of, linked_accounts
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.outages import store_outages


class People:
    """Resolves people.

    Args:
        users: Gives our user ids.
        calls: Asks WorkOS for a person's other accounts.
        issuer: Names the environment in accounts.
    """

    def __init__(self, users: UserDirectory, calls: WorkOSCalls, issuer: str) -> None:
        self._users = users
        self._calls = calls
        self._issuer = issuer

    async def signed_in(self, subject: str, user: Mapping[str, object]) -> AuthUser:
        """Return who has just signed in, with all accounts that WorkOS lists."""
        linked = linked_accounts(await self._calls.identities(subject))
        with store_outages():
            return await self._users.resolve(identity_of(self._issuer, subject, user), linked)

    async def renewed(self, subject: str, user: Mapping[str, object]) -> AuthUser:
        """Return somebody who is known, with what WorkOS says of them now."""
        with store_outages():
            return await self._users.resolve(identity_of(self._issuer, subject, user))
