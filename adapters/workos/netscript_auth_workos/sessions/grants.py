"""Roles, permissions and organization of an access token, as the scopes of a session.

A session of the core has scopes alone. Roles and organization are put among them behind a prefix, which no
permission may have.
"""

from typing import Final

from netscript_auth_core.domain import AuthSession, Principal
from netscript_auth_workos.tokens.access_token import AccessToken

ROLE: Final = "role:"
ORGANIZATION: Final = "organization:"


def scopes_of(token: AccessToken) -> tuple[str, ...]:
    """Return what a session may do: permissions as they are, roles and organization behind their prefixes."""
    permissions = tuple(each for each in token.permissions if not each.startswith((ROLE, ORGANIZATION)))
    roles = tuple(f"{ROLE}{each}" for each in token.roles)
    organization = (f"{ORGANIZATION}{token.organization_id}",) if token.organization_id is not None else ()
    return (*permissions, *roles, *organization)


class Principals:
    """From a session to who acts."""

    def principal(self, session: AuthSession) -> Principal:
        """Return the principal; its roles are those that WorkOS gives in the organization."""
        roles = tuple(each.removeprefix(ROLE) for each in session.scopes if each.startswith(ROLE))
        scopes = tuple(each for each in session.scopes if not each.startswith(ROLE))
        return Principal.without_roles(session).model_copy(update={"roles": roles, "scopes": scopes})
