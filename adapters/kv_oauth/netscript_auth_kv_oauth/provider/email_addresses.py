"""E-mail addresses, and those that a provider tells by a second request: the one that counts."""

import logging
import re
from typing import Final, NamedTuple

from netscript_auth_core.domain import MOST_EMAIL
from netscript_auth_core.errors import ProviderProtocolError
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_auth_kv_oauth.provider.userinfo import bearer
from netscript_kernel.json_documents import find, is_array

_log = logging.getLogger("netscript.auth.kv_oauth")

# One address without comment, display name or list: refuses what cannot be one, proves nothing otherwise.
_EMAIL: Final = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\]+")
_EMAIL_MEMBER: Final = "email"


class EmailAddress(NamedTuple):
    """An address, and whether the provider asserts that the person controls it."""

    address: str
    is_verified: bool


def read_email(value: object) -> str | None:
    """Return the address, or ``None`` where no plausible one is given."""
    if not isinstance(value, str) or len(value) > MOST_EMAIL or not value.isprintable():
        return None
    return value if _EMAIL.fullmatch(value) else None


async def fetch_email(http: ProviderHttp, config: ProviderConfig, access_token: str) -> EmailAddress | None:
    """Return a person's primary address, or ``None`` where none is told.

    Raises:
        ProviderProtocolError: the answer is no list.
        BackendUnavailableError: no answer.
    """
    call = config.preset.email_call
    if call is None:
        return None
    headers = {**config.preset.userinfo.headers, **bearer(access_token)}
    answer = await http.get(config.id, config.filled(call.endpoint), headers)
    if not answer.is_success:
        # The person, or our registration there, does not let us see them: a sign-in without address.
        _log.warning("provider %s tells no e-mail addresses: it answered %s", config.id, answer.status)
        return None
    entries = find(answer.json(), call.root)
    if not is_array(entries):
        raise ProviderProtocolError(config.id, "its answer has no list of e-mail addresses")
    for entry in entries:
        address = read_email(find(entry, _EMAIL_MEMBER))
        if address is not None and find(entry, call.primary) is True:
            return EmailAddress(address, find(entry, call.verified) is True)
    return None
