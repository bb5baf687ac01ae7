"""What WorkOS is asked, through its SDK, and what each answer means here."""

from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import Final, TypeVar

from workos import AsyncWorkOSClient, TransportError
from workos.common.models.user_sessions_list_item import UserSessionsListItem
from workos.user_management.models import AuthenticateResponse

from netscript_auth_workos.api.answers import NotThereError, answered, readable
from netscript_auth_workos.api.http import TOTAL_LIMIT, WorkOSHttp
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_auth_workos.outages import workos_away
from netscript_auth_workos.tokens.access_token import is_session_id
from netscript_auth_workos.tokens.access_tokens import ALGORITHMS
from netscript_kernel.jose.keys import Keys, read_key_set
from netscript_kernel.json_documents import is_array, is_object, read_json_object

_PAGE: Final = 100
_MOST_PAGES: Final = 10
_OK: Final = 200
_OF_A_REFRESH: Final = frozenset({"invalid_grant"})
_OF_A_CODE: Final = _OF_A_REFRESH | {
    "invalid_code",
    "expired_code",
    "invalid_code_verifier",
    "invalid_request",
}

T = TypeVar("T")


class WorkOSCalls:
    """Asks WorkOS.

    Every method raises ``BackendUnavailableError`` where there is no answer, or none that can be used.
    Nothing is tried twice here: who asks waits for it.

    Args:
        http: The transport, also of the SDK.
        api_key: Of the environment.
        client_id: Of the application.
        base_url: Of the API, without a trailing slash.
    """

    def __init__(self, http: WorkOSHttp, *, api_key: str, client_id: str, base_url: str) -> None:
        self._http = http
        self._jwks_url = f"{base_url}/sso/jwks/{client_id}"
        self._client = AsyncWorkOSClient(
            api_key=api_key,
            client_id=client_id,
            base_url=base_url,
            request_timeout=int(TOTAL_LIMIT.total_seconds()),
            max_retries=0,
            http_client=http,
        )

    async def keys(self) -> Keys:
        """Return the keys that sign access tokens."""
        try:
            answer = await self._http.request("GET", self._jwks_url)
        except TransportError as error:
            raise workos_away(str(error)) from None
        document = read_json_object(answer.content) if answer.status_code == _OK else None
        keys = read_key_set(document, ALGORITHMS) if document is not None else ()
        if not keys:
            raise workos_away(f"its key set cannot be used (it answered {answer.status_code})")
        return keys

    async def refresh(self, refresh_token: str) -> IssuedTokens:
        """Trade a refresh token, once, for its successor.

        Raises:
            RefusedError: it is worth nothing any more.
        """
        call = self._client.user_management.authenticate_with_refresh_token(refresh_token=refresh_token)
        return _tokens(await _told(call, refusals=_OF_A_REFRESH))

    def authorization_url(
        self, redirect_uri: str, *, state: str, challenge: str, login_hint: str | None
    ) -> str:
        """Return where a browser is sent to sign in at AuthKit."""
        return self._client.user_management.get_authorization_url(
            redirect_uri=redirect_uri,
            provider="authkit",
            state=state,
            code_challenge=challenge,
            code_challenge_method="S256",
            login_hint=login_hint,
        )

    async def redeem(self, code: str, verifier: str, user_agent: str | None) -> IssuedTokens:
        """Trade a code, once, for tokens.

        Raises:
            RefusedError: it is none, was used, or another step of signing in is due.
        """
        call = self._client.user_management.authenticate_with_code(
            code=code, code_verifier=verifier, user_agent=user_agent
        )
        return _tokens(await _told(call, refusals=_OF_A_CODE))

    async def user(self, subject: str) -> Mapping[str, object] | None:
        """Return a person in the API's names, or ``None`` where there is none."""
        user = await _found(self._client.user_management.get_user(subject))
        return user.to_dict() if user is not None else None

    async def identities(self, subject: str) -> Sequence[tuple[str, str]]:
        """Return provider and id there of the accounts that belong to a person."""
        listed = await _found(self._client.user_management.get_user_identities(subject))
        told = [(each.provider.value, each.idp_id) for each in listed or ()]
        return [pair for pair in told if all(map(_is_text, pair))]

    async def session(self, subject: str, session_id: str) -> UserSessionsListItem | None:
        """Return an active session of a person, or ``None`` where WorkOS does not list it.

        Newer ones come first, and no more is read than is needed to find it.
        """
        async with aclosing(self._pages(subject)) as pages:
            async for page in pages:
                item = next((each for each in page if each.id == session_id), None)
                if item is not None:
                    return item
        return None

    async def sessions(self, subject: str) -> Sequence[UserSessionsListItem]:
        """Return the active sessions of a person, newest first."""
        found = [each async for page in self._pages(subject) for each in page]
        return sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)

    async def _pages(self, subject: str) -> AsyncGenerator[list[UserSessionsListItem]]:
        after: str | None = None
        for _ in range(_MOST_PAGES):
            page, after = await self._sessions_page(subject, after)
            yield [each for each in page if each.status.value == "active"]
            if after is None:
                return
        # Whoever is not among them may be among the others.
        raise workos_away(f"more than {_MOST_PAGES * _PAGE} sessions of one person")

    async def _sessions_page(
        self, subject: str, after: str | None
    ) -> tuple[list[UserSessionsListItem], str | None]:
        # As it came: the SDK's own method takes an answer without a list for an empty one.
        path = ("user_management", "users", subject, "sessions")
        params = {"limit": _PAGE, "order": "desc", **({"after": after} if after is not None else {})}
        raw = await _found(self._client.request_raw("get", path, params=params))
        if raw is None:
            return [], None
        items, cursors = raw.get("data"), raw.get("list_metadata")
        if not is_array(items) or not is_object(cursors) or not all(map(is_object, items)):
            raise workos_away("a list of sessions that cannot be read")
        further = cursors.get("after")
        with readable():
            page = _parsed(items)
        return page, further if isinstance(further, str) and further else None

    async def revoke(self, session_id: str) -> bool:
        """End a session; says whether there was one."""
        try:
            call = self._client.user_management.revoke_session(session_id=session_id)
            await answered(call, missing_is_an_answer=True)
        except NotThereError:
            return False
        return True

    def logout_url(self, session_id: str, return_to: str) -> str:
        """Return where the browser is signed out of AuthKit."""
        return self._client.user_management.get_logout_url(session_id=session_id, return_to=return_to)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.close()


async def _found(call: Awaitable[T | None]) -> T | None:
    """Return what is there, or ``None`` where WorkOS says that there is nothing."""
    try:
        return await _told(call, missing_is_an_answer=True)
    except NotThereError:
        return None


def _tokens(answer: AuthenticateResponse) -> IssuedTokens:
    if not (_is_text(answer.access_token) and _is_text(answer.refresh_token)):
        raise workos_away("an answer without tokens")
    return IssuedTokens(
        access_token=answer.access_token, refresh_token=answer.refresh_token, user=answer.user.to_dict()
    )


async def _told(
    call: Awaitable[T | None],
    *,
    refusals: frozenset[str] = frozenset(),
    missing_is_an_answer: bool = False,
) -> T:
    told = await answered(call, refusals=refusals, missing_is_an_answer=missing_is_an_answer)
    if told is None:
        raise workos_away("an empty answer")
    return told


def _parsed(items: Sequence[object]) -> list[UserSessionsListItem]:
    parsed = [UserSessionsListItem.from_dict(item) for item in items if is_object(item)]
    if not all(map(_is_sound, parsed)):
        raise ValueError("a session without an id, or with a date of nowhere in particular")
    return parsed


def _is_sound(item: UserSessionsListItem) -> bool:
    is_dated = item.created_at.tzinfo is not None and item.expires_at.tzinfo is not None
    return (
        is_session_id(item.id) and is_dated and (item.user_agent in (None, "") or _is_text(item.user_agent))
    )


def _is_text(value: object) -> bool:
    """Whether it is what the SDK's models say that it is; they do not look."""
    return isinstance(value, str) and value != ""
