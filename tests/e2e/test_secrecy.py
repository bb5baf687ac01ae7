"""Whatever happens in a run of production, no secret of it is in its output or readable in its file."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import httpx
import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth.audit.kept_events import KeptEvent, newest_events
from tests.support.auth_api_process import API, CALLBACK
from tests.support.collector import METRICS_TOKEN, Collector
from tests.support.loopback import loopback_client
from tests.support.site import Site, begin, is_signed_in, sign_in

pytestmark = [pytest.mark.peer, pytest.mark.slow]

# How each kind of secret looks on its way, in clear behind the proxies that end TLS.
ON_THE_WIRE = {
    "session token": r"set-cookie: __Host-netscript-session=([^;\s]+);",
    "flow cookie": r"set-cookie: __Host-netscript-flow-[^=]+=([^;\s]+);",
    "flash cookie": r"set-cookie: __Host-netscript-flash=([^;\s]+);",
    "state": r"[?&]state=([^&\s\"]+)",
    "nonce": r"[?&]nonce=([^&\s\"]+)",
    "code": r"[?&]code=([^&\s\"]+)",
    "verifier": r"code_verifier=([^&\s]+)",
    "access token": r"\"access_token\":\"([^\"]+)\"",
    "refresh token": r"\"refresh_token\":\"([^\"]+)\"",
    "id token": r"\"id_token\":\"([^\"]+)\"",
    "credential": r"authorization: (?:Basic|Bearer) (\S+)",
}


async def _everything_that_happens(site: Site) -> list[httpx.Response]:
    """Sign in, look, be refused in several ways, sign out; return the refusals."""
    async with site.client() as alice, site.client() as stranger:
        callback = await sign_in(alice, site.provider)
        for path in ("me", "session", "sessions", "describe"):
            assert (await alice.get(f"{API}/{path}")).is_success
        query = dict(parse_qsl(urlsplit(callback).query))
        unused = await site.provider.sign_in(await begin(alice))
        not_theirs = await stranger.get(unused)
        form = dict(parse_qsl(urlsplit(unused).query))
        posted = await alice.post(CALLBACK, data={**form, "user": '{"name": "Alice"}'})
        again = await alice.get(posted.headers["location"])
        refusals = [
            not_theirs,
            await alice.get(callback),
            await stranger.get(f"{CALLBACK}?{urlencode({**query, 'iss': 'https://id.evil.example'})}"),
            await stranger.get(f"{CALLBACK}?{urlencode({**query, 'error': query['code']})}"),
            await stranger.get(f"{callback}&state={query['state']}"),
            await stranger.get(f"{API}/nowhere?{urlencode(query)}"),
            await stranger.post(
                f"{API}/signin", json={"redirectTo": f"https://evil.example/?{query['code']}"}
            ),
        ]
        assert again.is_redirect
        assert await is_signed_in(alice)
        assert (await alice.post(f"{API}/signout", json={"everywhere": True})).is_success
    return refusals


def _secrets_of(site: Site) -> dict[str, set[str]]:
    """Everything secret that has passed, and that the service was started with; as sent, and decoded."""
    passed = "\n".join(relay.passed for relay in site.relays)
    found = {kind: set(re.findall(pattern, passed, re.IGNORECASE)) for kind, pattern in ON_THE_WIRE.items()}
    found |= {kind: {secret} for kind, secret in site.secrets.items()}
    return {kind: values | {unquote(value) for value in values} for kind, values in found.items()}


def _kinds_found_in(text: str, secrets: dict[str, set[str]]) -> list[str]:
    return [kind for kind, values in secrets.items() if any(value in text for value in values)]


def _file(database: Path) -> str:
    """The file as bytes, together with what has not been merged into it."""
    parts = [path.read_bytes() for path in database.parent.glob(f"{database.name}*")]
    text = b"".join(parts).decode("latin-1")
    assert "alice@example.test" in text
    return text


async def _seen_by_operators(site: Site, collector: Collector) -> str:
    """Log, traces and metrics of the run, once the last span has come."""
    api = f"http://127.0.0.1:{site.port}"
    async with loopback_client(headers={"authorization": f"Bearer {METRICS_TOKEN}"}) as prometheus:
        metrics = await prometheus.get(f"{api}/metrics")
        last = (await prometheus.get(f"{api}{API}/nowhere")).json()["trace_id"]
    assert metrics.is_success
    site.api.wait_until(
        lambda: last in {span.trace_id.hex() for span in collector.spans}, "the last span has come"
    )
    return site.api.stdout + site.api.stderr + collector.text + metrics.text


async def test_no_secret_of_a_whole_run_is_seen_by_operators_or_readable_in_the_file(
    production_site: Site, collector: Collector
) -> None:
    refusals = await _everything_that_happens(production_site)
    secrets = _secrets_of(production_site)

    output = await _seen_by_operators(production_site, collector)

    assert [kind for kind, values in secrets.items() if not values] == []
    assert min(len(value) for values in secrets.values() for value in values) >= 20
    assert _kinds_found_in(output, secrets) == []
    assert _kinds_found_in(_file(production_site.database), secrets) == []
    assert all(refusal.is_client_error for refusal in refusals)
    assert _kinds_found_in("".join(refusal.text for refusal in refusals), secrets) == []


def _requests_in(lines: Sequence[str]) -> set[str]:
    return {json.loads(line).get("request_id") for line in lines}


async def test_each_line_of_the_log_is_json_and_names_the_request_of_each_refusal(
    production_site: Site,
) -> None:
    refusals = await _everything_that_happens(production_site)
    ids = {refusal.headers["x-request-id"] for refusal in refusals}
    api = production_site.api
    api.wait_until(lambda: ids <= _requests_in(api.lines), "each refusal is in the log")

    lines = [json.loads(line) for line in api.lines]

    assert api.stderr == ""
    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)
    reasons = {line.get("reason") for line in lines if line["event"] == "auth.signin.failed"}
    assert {"flow_used", "flow_not_bound", "parameter_repeated", "redirect_not_allowed"} <= reasons


async def _kept(database: Path) -> list[KeptEvent]:
    store = await open_sqlite_store(database, SystemClock())
    try:
        return [event async for event in newest_events(store)]
    finally:
        await store.aclose()


async def test_who_was_where_is_nowhere_in_what_operators_see_but_by_pseudonyms(
    production_site: Site, collector: Collector
) -> None:
    async with production_site.client() as alice:
        await sign_in(alice, production_site.provider)
        me = (await alice.get(f"{API}/me")).json()
        ended = await alice.post(f"{API}/signout", json={"everywhere": True})
    request_id, api = ended.headers["x-request-id"], production_site.api
    api.wait_until(lambda: request_id in _requests_in(api.lines), "the sign-out is in the log")

    output = await _seen_by_operators(production_site, collector)

    lines = [json.loads(line) for line in api.lines]
    told = [line for line in lines if line["logger"] == "netscript.auth.events"]
    names = {me["user"]["id"], me["session"]["handle"]}
    assert [name for name in names if name in output] == []
    ended_here = [line for line in told if line.get("request_id") == request_id and "subject" in line]
    assert {line["event"] for line in ended_here} == {"auth.session.revoked"}
    kept = [each.model_dump_json() for each in await _kept(production_site.database)]
    assert len(kept) > 1
    shown = [*map(json.dumps, told), *kept]
    assert [text for text in shown if any(name in text for name in {*names, "127.0.0.1"})] == []
