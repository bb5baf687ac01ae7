"""Somebody signs out at the provider, in another program, and is signed out here."""

import base64
import json
import re
from pathlib import Path

import httpx
import pytest

from tests.support.desk import run_desk
from tests.support.loopback import loopback_client
from tests.support.relay import Relay
from tests.support.site import is_signed_in, sign_in

pytestmark = pytest.mark.slow


def _id_tokens(relay: Relay) -> list[str]:
    """Return the id tokens that the provider has handed out, the earliest first."""
    found = re.findall(r'"id_token": ?"([^"]+)"', relay.passed)
    return sorted(found, key=lambda token: _claims(token)["iat"])


def _claims(token: str) -> dict[str, int]:
    part = token.split(".")[1]
    claims: dict[str, int] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


async def test_who_signs_out_at_the_provider_is_signed_out_here_and_nobody_else_is(tmp_path: Path) -> None:
    with run_desk(tmp_path) as desk, desk.run():
        async with desk.client() as phone, desk.client() as laptop:
            await sign_in(phone, desk.provider)
            (hint,) = _id_tokens(desk.relay)
            await sign_in(laptop, desk.provider)

            async with loopback_client() as at_the_provider:
                address = f"{desk.provider.issuer}/end_session"
                left = await at_the_provider.get(address, params={"id_token_hint": hint})

            assert left.status_code == httpx.codes.OK
            assert not await is_signed_in(phone)
            assert await is_signed_in(laptop)
