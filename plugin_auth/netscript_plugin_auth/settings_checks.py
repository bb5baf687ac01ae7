"""What single settings must be. Each check returns the value as it is used, or says in words what is wrong.

The words never repeat a value: they end up in a log.
"""

import re
from datetime import timedelta
from pathlib import Path

from netscript_auth_core.account_links import LinkRule
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.ids import decode_base64url
from netscript_kernel.keyring import KEY_BYTES, parse_keys
from netscript_kernel.kv.urls import check_store_url
from netscript_plugin_auth.addresses import Address, parse_address
from netscript_plugin_auth.cookies import FLASH_NAME, FLOW_PREFIX, NAME_SYNTAX, SIGNOUT_NAME
from netscript_plugin_auth.revocations.credentials import parse_credentials

_HOST_SYNTAX = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_NOTHING = "nothing"
AUDIT_LOG, AUDIT_STORE = "log", "store"
_METRICS_TOKEN = re.compile(r"[!-~]{16,512}")
_AUDIENCE = re.compile(r"[!-~]{1,255}")
_HEX_KEY = re.compile(r"[0-9A-Fa-f]{64}")


def check_public_url(value: str, *, allows_loopback_http: bool) -> str:
    """Return the address of a host alone, without a trailing slash."""
    address = parse_address(value)
    if address is None or address.path != "/" or value.endswith(("?", "#")) or not address.is_bare:
        raise ValueError("is not an address of a host alone, without path, query and fragment")
    _require_https(address, "", allows_loopback_http=allows_loopback_http)
    return address.origin


def check_addresses(values: tuple[str, ...], *, allows_loopback_http: bool) -> tuple[str, ...]:
    """Check that each is an origin with an optional path."""
    for position, entry in enumerate(values, start=1):
        subject = f"has an entry, number {position}, that"
        address = parse_address(entry)
        if address is None or not address.is_bare:
            raise ValueError(f"{subject} is no plain http or https address")
        _require_https(address, subject, allows_loopback_http=allows_loopback_http)
    return values


def check_origins(values: tuple[str, ...], *, allows_loopback_http: bool) -> tuple[str, ...]:
    """Check that each is written exactly as browsers write an origin."""
    check_addresses(values, allows_loopback_http=allows_loopback_http)
    for position, entry in enumerate(values, start=1):
        address = parse_address(entry)
        if address is None or address.origin != entry:
            raise ValueError(f"has an entry, number {position}, that is no exact origin")
    return values


def check_hosts(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return hosts in lower case."""
    hosts = tuple(entry.lower() for entry in values)
    for position, entry in enumerate(hosts, start=1):
        if not _HOST_SYNTAX.fullmatch(entry):
            raise ValueError(f"has an entry, number {position}, that is no host")
    return hosts


def check_keys(text: str) -> None:
    """Check that each is 32 random bytes in base64url."""
    if any(_HEX_KEY.fullmatch(part.strip()) for part in text.split(",")):
        raise ValueError("has a key in hexadecimal; base64url of 32 random bytes is needed")
    try:
        parse_keys(text)
    except ValueError as error:
        raise ValueError(f"is not usable: {error}") from None


def check_metrics_token(text: str) -> None:
    """Check that it can stand in a header, and that nobody guesses it."""
    if not _METRICS_TOKEN.fullmatch(text):
        raise ValueError("is no secret of 16 to 512 visible ASCII characters")


def check_kv_url(value: str, data_dir: Path | None) -> str:
    """Check that it names a store, which is not opened yet."""
    try:
        check_store_url(value, data_dir=data_dir)
    except ConfigurationError as error:
        raise ValueError(error.faults[0].problem) from None
    return value


def check_drained(values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that each backend is named once."""
    for position, entry in enumerate(values, start=1):
        if entry in values[: position - 1]:
            raise ValueError(f"has an entry, number {position}, that was named before")
    return values


def check_link_rules(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rules, none where the one word says so."""
    if values == (_NOTHING,):
        return ()
    for position, entry in enumerate(values, start=1):
        if entry not in set(LinkRule):
            raise ValueError(f"has an entry, number {position}, that is no rule")
    return values


def check_audit(values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that each is a place that events can go to."""
    if not values:
        raise ValueError("names no place")
    for position, entry in enumerate(values, start=1):
        if entry not in {AUDIT_LOG, AUDIT_STORE}:
            raise ValueError(f"has an entry, number {position}, that is no place for events")
    return values


def check_audit_keep(value: timedelta) -> timedelta:
    """Check that events are kept for a while, and not for good."""
    if not timedelta(hours=1) <= value <= timedelta(days=90):
        raise ValueError("is not between 1h and 90d")
    return value


def check_audit_salt(text: str, keys: str) -> str:
    """Return the salt, checked to be what nobody guesses, and to be used for nothing else."""
    salt = text.strip()
    try:
        secret = decode_base64url(salt)
    except ValueError:
        raise ValueError("is not base64url") from None
    if len(secret) < KEY_BYTES:
        raise ValueError(f"is {len(secret)} bytes long, {KEY_BYTES} or more are needed")
    if len(set(secret)) < KEY_BYTES // 4:
        raise ValueError("is not random")
    # Keys are changed, and then forgotten; the salt stays, or nobody is found again.
    if keys and secret in parse_keys(keys):
        raise ValueError("is one of NETSCRIPT_AUTH_KEYS, and has to be a secret of its own")
    return salt


def check_audiences(values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that each is a name that a token can carry, and is there once."""
    for position, entry in enumerate(values, start=1):
        if not _AUDIENCE.fullmatch(entry):
            raise ValueError(f"has an entry, number {position}, that is not 1 to 255 visible characters")
        if entry in values[: position - 1]:
            raise ValueError(f"has an entry, number {position}, that was named before")
    return values


def check_service_credentials(text: str) -> None:
    """Check that each is a name and a secret that nobody guesses."""
    parse_credentials(text)


def check_cookie_name(value: str) -> str:
    """Check that it is a name without a prefix, and not that of another cookie of ours."""
    if not NAME_SYNTAX.fullmatch(value):
        raise ValueError("is not a cookie name of letters, digits, hyphens and underscores")
    if value.startswith(("__Host-", "__Secure-")):
        raise ValueError("has a prefix, which the service adds itself")
    if value.startswith(FLOW_PREFIX) or value in {FLASH_NAME, SIGNOUT_NAME}:
        raise ValueError("is the name of another cookie of this service")
    return value


def _require_https(address: Address, subject: str, *, allows_loopback_http: bool) -> None:
    if address.scheme == "https":
        return
    if not allows_loopback_http:
        raise ValueError(f"{subject} is not https".strip())
    if not address.is_loopback:
        raise ValueError(f"{subject} is plain http to another machine".strip())
