"""Applications without pages of ours: a front end that speaks JSON, and the typed client."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from netscript_auth_core.contract_v1 import AuthV1
from netscript_auth_core.ports import UpstreamStatus
from netscript_kernel.client import ProblemReply, connect
from tests.support.auth_api_process import API
from tests.support.site import Site, is_signed_in, sign_in

pytestmark = [pytest.mark.peer, pytest.mark.slow]
JSON = {"accept": "application/json"}


async def test_a_front_end_signs_in_and_out_by_json_alone(production_site: Site) -> None:
    async with production_site.client(**JSON) as http:
        begun = (await http.post(f"{API}/signin", json={"redirectTo": "/account"})).json()
        callback = await production_site.provider.sign_in(begun["redirectUrl"])
        completed = await http.get(callback)
        token = http.cookies[production_site.session_cookie]
        me, session = (await http.get(f"{API}/me")).json(), (await http.get(f"{API}/session")).json()

        signed_out = await http.post(f"{API}/signout", json={})

        assert (begun["started"], begun["providerId"]) == (True, "oidc")
        assert begun["state"] == dict(parse_qsl(urlsplit(callback).query))["state"]
        assert completed.json() == {"completed": True, "redirectTo": "/account", "subject": me["user"]["id"]}
        assert (me["user"]["name"], me["user"]["email"]) == ("Alice Adams", "alice@example.test")
        assert session == {"authenticated": True, "session": me["session"]}
        assert signed_out.json() == {"signedOut": True, "ended": 1, "upstream": {"status": "done"}}
        assert production_site.session_cookie not in http.cookies
        copied = await http.get(f"{API}/me", headers={"cookie": f"{production_site.session_cookie}={token}"})
        assert (copied.status_code, copied.json()["authenticated"]) == (200, False)


async def test_the_typed_client_signs_in_lists_and_ends_sessions(production_site: Site) -> None:
    async with production_site.client() as http, production_site.client() as elsewhere:
        await sign_in(elsewhere, production_site.provider, "carol")
        auth = connect(AuthV1, production_site.url, http=http)
        begun = await auth.signin(redirect_to="/account")
        answer = dict(
            parse_qsl(urlsplit(await production_site.provider.sign_in(begun.redirect_url, "carol")).query)
        )
        completed = await auth.callback(code=answer["code"], state=answer["state"], iss=answer["iss"])
        me = await auth.me()
        listed = (await auth.sessions()).sessions
        (other,) = (session for session in listed if not session.current)

        await auth.revoke_session(handle=other.handle)

        assert me.user is not None
        assert (me.user.id, me.user.name) == (completed.subject, "carol")
        assert [session.current for session in (await auth.sessions()).sessions] == [True]
        assert not await is_signed_in(elsewhere)
        signed_out = await auth.signout(everywhere=True)
        assert signed_out.upstream is not None
        assert signed_out.upstream.status is UpstreamStatus.DONE
        assert not (await auth.session()).authenticated


async def test_nobody_ends_the_session_of_somebody_else(production_site: Site) -> None:
    async with production_site.client() as mallory, production_site.client() as victim:
        await sign_in(mallory, production_site.provider, "mallory")
        await sign_in(victim, production_site.provider, "victim")
        theirs = await connect(AuthV1, production_site.url, http=victim).session()
        auth = connect(AuthV1, production_site.url, http=mallory)
        assert theirs.session is not None

        with pytest.raises(ProblemReply) as refused:
            await auth.revoke_session(handle=theirs.session.handle)

        assert refused.value.status == httpx.codes.NOT_FOUND
        assert await is_signed_in(victim)


async def test_sessions_of_nobody_are_a_401_and_not_an_empty_list(production_site: Site) -> None:
    async with production_site.client() as http:
        auth = connect(AuthV1, production_site.url, http=http)

        with pytest.raises(ProblemReply) as refused:
            await auth.sessions()

        assert (refused.value.status, refused.value.code) == (401, "UNAUTHORIZED")
