"""Asks a provider who somebody is (OpenID Connect Core 1.0 section 5.3, and what stands in for it)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from netscript_auth_core.errors import FlowRefusedError, ProviderProtocolError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.parameters import fill
from netscript_auth_kv_oauth.provider.provider_http import Answer, ProviderHttp
from netscript_auth_kv_oauth.provider.refusals import shown_error
from netscript_auth_kv_oauth.provider.token_response import TokenResponse
from netscript_kernel.json_documents import find, is_object

_NONCE: Final = "nonce"


async def fetch_person(
    http: ProviderHttp, config: ProviderConfig, url: str, tokens: TokenResponse, nonce: str | None
) -> dict[str, object]:
    """Return what a provider says of the person whose tokens these are.

    Args:
        http: Speaks to it.
        config: Its preset says how it is asked.
        url: Where.
        tokens: From its token endpoint, for a code of ours; nothing else proves anything.
        nonce: Of this flow; ``None`` at a refresh.

    Raises:
        FlowRefusedError: it refused the tokens, or did not confirm what it was to.
        ProviderProtocolError: it answered no JSON object, or none with a person in it.
        BackendUnavailableError: it did not answer.
    """
    recipe = config.preset.userinfo
    words = {"id_token": tokens.id_token or "", "client_id": config.client_id, _NONCE: nonce or ""}
    form = _filled(recipe.form, words)
    headers = {**recipe.headers, **({} if form else bearer(tokens.access_token))}
    if recipe.method == "POST":
        answer = await http.post(config.id, url, headers, urlencode(form) if form else None)
    else:
        answer = await http.get(config.id, url, headers)
    content = _content(config, answer)
    _expect(config, content, _filled(recipe.expects, words))
    return person_in(config, content)


def person_in(config: ProviderConfig, content: Mapping[str, object]) -> dict[str, object]:
    """Return the part of an answer that speaks of the person.

    Raises:
        ProviderProtocolError: there is none.
    """
    person = find(dict(content), config.preset.userinfo.root)
    if not is_object(person):
        raise ProviderProtocolError(config.id, "its answer has nobody in it")
    return person


def bearer(access_token: str) -> dict[str, str]:
    """Return the header that carries an access token (RFC 6750 section 2.1)."""
    return {"authorization": f"Bearer {access_token}"}


def _content(config: ProviderConfig, answer: Answer) -> dict[str, object]:
    if answer.is_redirect:
        raise ProviderProtocolError(config.id, "the userinfo endpoint redirects")
    if not answer.is_success:
        raise _refused(config, f"status {answer.status}")
    content = answer.json_object()
    if content is None:
        raise ProviderProtocolError(config.id, "the userinfo endpoint answered no JSON object")
    ok_member = config.preset.userinfo.ok_member
    if ok_member is not None and content.get(ok_member) is not True:
        raise _refused(config, shown_error(content.get("error")) or f"no {ok_member}")
    return content


def _expect(config: ProviderConfig, content: Mapping[str, object], expected: Mapping[str, str]) -> None:
    for member, value in expected.items():
        if content.get(member) != value:
            reason = FlowReason.NONCE_MISMATCH if member == _NONCE else FlowReason.USERINFO_REFUSED
            raise FlowRefusedError(
                reason,
                expected=f"our {member}",
                seen="another" if member in content else "none",
                provider_id=config.id,
            )


def _filled(templates: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    filled = {name: fill(template, words) for name, template in templates.items()}
    return {name: value for name, value in filled.items() if value}


def _refused(config: ProviderConfig, seen: str) -> FlowRefusedError:
    return FlowRefusedError(
        FlowReason.USERINFO_REFUSED, expected="the claims of the person", seen=seen, provider_id=config.id
    )
