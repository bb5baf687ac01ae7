"""The endpoints of a better-auth server that are used here, each with what it may answer.

Whatever is neither a clear yes nor a clear no is raised: nobody becomes anonymous because of it.
Source: better-auth 1.7.25, ``api/routes/session`` and ``api/routes/account``.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from netscript_auth_better_auth.configuration.server_config import ServerConfig
from netscript_auth_better_auth.outages import server_away
from netscript_auth_better_auth.server.answers import (
    ServerAccount,
    ServerSession,
    UnclearAnswerError,
    read_accounts,
    read_sessions,
)
from netscript_auth_better_auth.server.server_http import Answer, ServerHttp
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.json_documents import is_object

_log = logging.getLogger("netscript.auth.better_auth")

_OK: Final = 200
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_NOT_FRESH: Final = "SESSION_NOT_FRESH"
_ORIGIN_REFUSALS: Final = frozenset({"MISSING_OR_NULL_ORIGIN", "INVALID_ORIGIN"})
# Without the cache of the session in a cookie: what was revoked would live on in it for minutes.
_FOR_A_BROWSER: Final = "/get-session?disableCookieCache=true"
_FOR_OURSELVES: Final = "/get-session?disableCookieCache=true&disableRefresh=true"


class NotFreshError(Exception):
    """The session is too old for this: the server wants people to have signed in lately."""


class ServerClient:
    """Asks the server in the name of a session.

    Args:
        http: Speaks to it.
        config: What the server is.
    """

    def __init__(self, http: ServerHttp, config: ServerConfig) -> None:
        self._http = http
        self._config = config

    async def get_session(self, credential: Mapping[str, str], *, rolls: bool) -> Answer:
        """Ask whose session this is.

        Args:
            credential: Headers that act for the session.
            rolls: Whether the server may prolong it, and whether somebody is there to get the renewed cookie.

        Returns:
            An answer of status 200 that is ``null`` or a JSON object.

        Raises:
            BackendUnavailableError: anything else.
        """
        answer = await self._http.get(_FOR_A_BROWSER if rolls else _FOR_OURSELVES, credential)
        if answer.status != _OK:
            raise self._odd(answer)
        if not answer.is_null and not is_object(answer.json()):
            raise server_away("/get-session answered no JSON; BETTER_AUTH_URL has to name the server itself")
        return answer

    async def list_sessions(self, credential: Mapping[str, str]) -> Sequence[ServerSession]:
        """Return all sessions of the person whose session this is.

        Raises:
            NotFreshError: only a session that began lately may see them.
            BackendUnavailableError: the server did not say; the session may have ended.
        """
        answer = await self._http.get("/list-sessions", credential)
        if answer.status == _FORBIDDEN and _code(answer) == _NOT_FRESH:
            raise NotFreshError
        if answer.status != _OK:
            raise self._odd(answer)
        try:
            return read_sessions(answer.json())
        except UnclearAnswerError as error:
            raise server_away(f"/list-sessions answered {error}") from None

    async def list_accounts(self, credential: Mapping[str, str]) -> Sequence[ServerAccount]:
        """Return the person's accounts at providers; none where the server does not offer to tell.

        Raises:
            BackendUnavailableError: the server did not say.
        """
        answer = await self._http.get("/list-accounts", credential)
        if answer.status == _NOT_FOUND:
            return ()
        if answer.status != _OK:
            raise self._odd(answer)
        return tuple(read_accounts(answer.json()))

    async def revoke(self, credential: Mapping[str, str], token: str) -> bool:
        """End a session of the person whose credential this is.

        Not ``/sign-out``, which answers success even where the database did not end the session.

        Returns:
            Whether it was done. If not, the credential counts no more, or the database is away.

        Raises:
            BackendUnavailableError: the server did not do it, or did not say.
        """
        return await self._done("/revoke-session", credential, {"token": token})

    async def revoke_all(self, credential: Mapping[str, str]) -> bool:
        """End all sessions of the person whose credential this is. As :meth:`revoke`."""
        return await self._done("/revoke-sessions", credential, {})

    async def revoke_others(self, credential: Mapping[str, str]) -> bool:
        """End all sessions of that person but this one. As :meth:`revoke`."""
        return await self._done("/revoke-other-sessions", credential, {})

    async def get_keys(self) -> dict[str, object]:
        """Return the JWK set that its tokens are signed with.

        Raises:
            BackendUnavailableError: it cannot be had.
        """
        answer = await self._http.get("/jwks")
        document = answer.json()
        if answer.status == _NOT_FOUND:
            raise server_away("it publishes no keys (404): its jwt plugin is not there")
        if answer.status != _OK or not is_object(document):
            raise self._odd(answer)
        return document

    async def check(self) -> None:
        """Return if the server is there.

        Raises:
            BackendUnavailableError: it is not.
        """
        answer = await self._http.get("/ok")
        document = answer.json()
        if answer.status != _OK or not is_object(document) or document.get("ok") is not True:
            raise self._odd(answer)

    async def _done(self, path: str, credential: Mapping[str, str], body: Mapping[str, str]) -> bool:
        # It does what changes something only for pages that it trusts; its own are among them.
        headers = {**credential, "origin": self._config.origin}
        answer = await self._http.post(path, headers, body)
        if answer.status == _UNAUTHORIZED:
            return False
        document = answer.json()
        if answer.status != _OK or not is_object(document) or document.get("status") is not True:
            raise self._odd(answer)
        return True

    def _odd(self, answer: Answer) -> BackendUnavailableError:
        path = answer.path.partition("?")[0]
        if answer.status == _NOT_FOUND:
            return server_away(f"there is no {path} (404); BETTER_AUTH_URL has to be the address of its API")
        if answer.status == _FORBIDDEN and _code(answer) in _ORIGIN_REFUSALS:
            problem = f"it does not trust {self._config.origin}; BETTER_AUTH_ISSUER is what browsers call it"
            _log.error("the better-auth server refuses %s: %s", path, problem)
            return server_away(problem)
        return server_away(f"{path} answered {answer.status}")


def _code(answer: Answer) -> str | None:
    document = answer.json()
    code = document.get("code") if is_object(document) else None
    return code if isinstance(code, str) else None
