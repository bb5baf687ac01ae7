"""From the people of a better-auth server to identities of ours, and to the accounts behind them."""

import logging
import re
from collections.abc import Iterable
from typing import Final

from netscript_auth_better_auth.configuration.server_config import ServerConfig
from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_better_auth.server.answers import ServerAccount, ServerUser
from netscript_auth_core.domain import MOST_EMAIL, MOST_NAME, MOST_PICTURE, ExternalIdentity

_log = logging.getLogger("netscript.auth.better_auth")

_PASSWORD: Final = "credential"  # noqa: S105  # better-auth's id of accounts that have a password
_EMAIL: Final = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+")
_MOST_NAMED: Final = 100


class People:
    """Knows who vouches for whom.

    Args:
        config: The server.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._told: set[str] = set()

    def identity(self, user: ServerUser) -> ExternalIdentity:
        """Return who a user of the server is: the server vouches, and their id there is the subject."""
        email = _email(user.email)
        return ExternalIdentity(
            issuer=self._config.issuer,
            subject=user.id,
            provider_id=BACKEND,
            email=email,
            email_verified=user.email_verified and email is not None,
            name=_shown(user.name, MOST_NAME),
            picture=_shown(user.image, MOST_PICTURE),
        )

    def linked(self, accounts: Iterable[ServerAccount]) -> list[ExternalIdentity]:
        """Return the accounts whose issuer is known, as their providers know the person."""
        return [
            ExternalIdentity(issuer=issuer, subject=account.account_id, provider_id=account.provider_id)
            for account in accounts
            if (issuer := self._issuer_of(account.provider_id)) is not None
        ]

    def _issuer_of(self, provider_id: str) -> str | None:
        issuer = self._config.account_issuers.get(provider_id)
        is_new = provider_id not in self._told and provider_id != _PASSWORD and len(self._told) < _MOST_NAMED
        if issuer is None and is_new:
            self._told.add(provider_id)
            _log.info(
                "accounts at %s join nobody: BETTER_AUTH_ACCOUNT_ISSUERS can name a provider of your own",
                ascii(provider_id),
            )
        return issuer


def _email(text: str | None) -> str | None:
    if text is None or len(text) > MOST_EMAIL or not text.isprintable():
        return None
    return text if _EMAIL.fullmatch(text) else None


def _shown(text: str | None, most: int) -> str | None:
    return text if text and len(text) <= most else None
