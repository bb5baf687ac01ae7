"""How each preset signs out: what its provider is told, and where the browser is sent."""

from dataclasses import replace
from urllib.parse import parse_qsl

import httpx
import pytest

from netscript_auth_core.ports import SignoutRequest, UpstreamStatus
from netscript_auth_kv_oauth.configuration.provider_checks import find_problems
from netscript_auth_kv_oauth.presets.files import get_preset, preset_ids
from netscript_auth_kv_oauth.presets.protocol import RefreshTokens, Revocation
from tests.kv_oauth.desks import RETURN_TO, STATE
from tests.kv_oauth.preset_peers import config_of, documented, open_preset
from tests.kv_oauth.pretend import CLIENT_ID

REFRESHABLE = [each for each in preset_ids() if get_preset(each).offline.given is not RefreshTokens.NEVER]
OWN_WAY = [each for each in preset_ids() if get_preset(each).end_session is not None]
IN_METADATA = "https://idp.example/from-metadata"


@pytest.mark.parametrize("preset_id", REFRESHABLE)
async def test_the_provider_is_told_where_the_preset_or_else_the_metadata_says(preset_id: str) -> None:
    answers = documented(preset_id)
    tokens = {**answers.tokens, "refresh_token": "the-first"}
    async with open_preset(preset_id, answers=answers.model_copy(update={"tokens": tokens})) as visited:
        visited.idp.metadata["revocation_endpoint"] = IN_METADATA
        config = visited.config
        known = IN_METADATA if config.preset.is_openid else None
        address = config.endpoints.revocation or known
        visited.idp.overrides[address or ""] = lambda _: httpx.Response(200)
        handle = (await visited.sign_in(**answers.callback)).issued.session.handle

        told = await visited.backend.signout.end(SignoutRequest(handle, RETURN_TO, STATE, everywhere=True))

        is_told = address is not None and config.revocation is not Revocation.NONE
        assert told.upstream is (UpstreamStatus.DONE if is_told else UpstreamStatus.UNSUPPORTED)
        assert [form["token"] for form in visited.idp.forms(address or "")] == (
            ["the-first"] if is_told else []
        )


@pytest.mark.parametrize("preset_id", OWN_WAY)
async def test_a_browser_is_sent_the_way_that_is_the_providers_own(preset_id: str) -> None:
    config = replace(config_of(preset_id), end_session=True)
    async with open_preset(preset_id, config) as visited:
        visited.idp.metadata["end_session_endpoint"] = IN_METADATA
        handle = (await visited.sign_in()).issued.session.handle

        told = await visited.backend.signout.end(SignoutRequest(handle, RETURN_TO, STATE))

    way = config.preset.end_session
    assert way is not None
    assert told.end_session_url is not None
    address, _, query = told.end_session_url.partition("?")
    assert address == (config.end_session_endpoint or IN_METADATA)
    assert dict(parse_qsl(query)) == {"client_id": CLIENT_ID, way.return_parameter: RETURN_TO, "state": STATE}


@pytest.mark.parametrize("preset_id", preset_ids())
def test_it_is_a_fault_to_send_browsers_where_none_is_signed_out(preset_id: str) -> None:
    config = replace(config_of(preset_id), end_session=True)

    ((*problems,),) = find_problems([config], is_production=True)

    is_fault = "end_session" in {problem.field for problem in problems}
    assert is_fault == (not config.preset.can_end_session)
    assert config.preset.can_end_session or config.preset.end_session is None
