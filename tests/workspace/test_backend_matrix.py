"""The table of docs/swap-backends.md says of every backend what the backend says of itself."""

import re
from collections.abc import Mapping

import pytest
from cryptography.fernet import Fernet

from netscript_auth_core.backends import BackendContext, find_backend
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.testing import RecordedEvents
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from workspace import ROOT

PAGE = (ROOT / "docs" / "swap-backends.md").read_text()
_KV_OAUTH = {
    "NETSCRIPT_AUTH_ISSUER": "https://login.acme.example",
    "NETSCRIPT_AUTH_CLIENT_ID": "id",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "secret",
}
_WORKOS = {
    "WORKOS_API_KEY": "sk_test_1",
    "WORKOS_CLIENT_ID": "client_1",
    "WORKOS_COOKIE_PASSWORD": Fernet.generate_key().decode(),
}
_BETTER_AUTH = {"BETTER_AUTH_URL": "https://app.acme.example"}
COLUMNS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "kv-oauth": ("kv-oauth", _KV_OAUTH),
    "workos": ("workos", _WORKOS),
    "workos, interactive": (
        "workos",
        {
            **{name: value for name, value in _WORKOS.items() if name != "WORKOS_COOKIE_PASSWORD"},
            "NETSCRIPT_AUTH_WORKOS_INTERACTIVE": "true",
        },
    ),
    "better-auth": ("better-auth", _BETTER_AUTH),
    "better-auth, jwt": ("better-auth", {**_BETTER_AUTH, "NETSCRIPT_AUTH_BETTER_AUTH_MODE": "jwt"}),
}


async def _capabilities(name: str, environment: Mapping[str, str]) -> Capabilities:
    definition, clock = find_backend(name), SettableClock()
    store = MemoryKvStore(clock)
    context = BackendContext(
        public_url="https://auth.acme.example",
        is_production=True,
        store=store,
        keys=KeyRing([b"k" * 32]),
        users=UserDirectory(store, clock),
        clock=clock,
        events=RecordedEvents(),
    )
    backend = await definition.open(definition.settings.from_environment(environment), context)
    try:
        return backend.capabilities
    finally:
        await backend.aclose()


def _table() -> dict[str, dict[str, str]]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if re.match(r"\| (`[a-z_]+`|can|a revocation [^|]*) \|", line)
    ]
    head, *body = rows
    return {row[0].strip("`"): dict(zip(head[1:], row[1:], strict=True)) for row in body}


@pytest.mark.parametrize("column", COLUMNS)
async def test_the_table_says_what_the_backend_says(column: str) -> None:
    can = await _capabilities(*COLUMNS[column])

    told = {name: cells[column] for name, cells in _table().items()}

    lag = int(can.revocation_lag.total_seconds())
    expected = {each.value: "yes" if each in can else "no" for each in Capability}
    assert told == {**expected, "a revocation elsewhere is seen within": f"{lag} s"}


def test_the_table_has_a_column_for_each_way() -> None:
    assert {tuple(cells) for cells in _table().values()} == {tuple(COLUMNS)}
