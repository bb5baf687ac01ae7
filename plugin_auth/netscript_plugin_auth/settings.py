"""What the service itself reads. A backend reads its own variables with its own settings class.

Production is closed until it is told; development fills in what one machine needs and refuses to be
reached from another.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from netscript_auth_core.account_links import LinkRule
from netscript_auth_core.errors import FlowRefusedError
from netscript_kernel.networks import Networks
from netscript_kernel.settings import CommaSeparated, Duration, Fix, Settings
from netscript_plugin_auth.addresses import is_loopback, parse_address
from netscript_plugin_auth.cookie_domain import check_cookie_domain
from netscript_plugin_auth.cookies import DEFAULT_SESSION_NAME, CookiePolicy
from netscript_plugin_auth.limits.rate import Rate, RateOrOff
from netscript_plugin_auth.return_to import ReturnToPolicy
from netscript_plugin_auth.settings_checks import (
    check_addresses,
    check_audiences,
    check_audit,
    check_audit_keep,
    check_audit_salt,
    check_cookie_name,
    check_drained,
    check_hosts,
    check_keys,
    check_kv_url,
    check_link_rules,
    check_metrics_token,
    check_origins,
    check_public_url,
    check_service_credentials,
)
from netscript_plugin_auth.tokens.limits import LONGEST_PERIOD, LONGEST_TTL, SHORTEST_PERIOD, SHORTEST_TTL

DEFAULT_PORT = 8094
PREFIX = "NETSCRIPT_AUTH_"
DEFAULT_RATE = Rate(300, timedelta(minutes=1))

Profile: TypeAlias = Literal["production", "development"]

_DEVELOPMENT = "development"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_MAKE_A_KEY = "the output of: netscript auth secret generate"
_COOKIE_DOMAIN = (
    "the domain that auth-api and your applications are below, such as acme.example for auth.acme.example; "
    "leave it out unless a server on another host needs the cookie"
)
_SERVICE_CREDENTIALS = (
    "name:secret for each service, separated by commas; names of a-z, 0-9 and hyphens, and for each secret "
    "the output of: netscript auth secret generate"
)
_ORIGIN = "origins as browsers write them, such as https://app.acme.example"


class AuthServiceSettings(Settings):
    """The settings of auth-api.

    Attributes:
        drain_backends: Whose sessions are honoured until they end, active or not.
        public_url: What the outside calls the service, without a trailing slash.
        keys: Comma-separated, current first; ``None`` in development, which makes one and keeps it.
        allowed_return_to: Besides our own origin: origins, each with an optional path prefix.
        allowed_origins: Whose pages may call us with the person's cookie.
        allowed_hosts: Values of ``Host`` that are answered.
        trusted_proxies: Where connections have to come from for their ``X-Forwarded-*`` to count.
        rate_limit: What one network may ask for; ``None`` limits nobody.
        audit: Where events go: the log, the store.
        audit_keep: How long the store keeps them.
        audit_salt: Makes pseudonyms for events; ``None`` leaves out whom they are about.
        link_by: What joins a new account to a person who is known.
        token_audiences: Services that take tokens of ``/token``; without any there are none.
        token_ttl: How long a token is good.
        token_key_period: How long a key signs them.
        service_credentials: Who may listen to sessions that end; ``None`` where nobody may.
        cookie_name: Of the session cookie, without the prefix that we add.
        max_revocation_lag: No backend may answer a revoked session for longer; ``None`` takes each as it is.
        metrics_token: Lets its bearer read ``/metrics``; ``None`` where nothing is counted.
        cookie_domain: Whose hosts get the session cookie, all of them; ``None`` for ours alone.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    profile: Annotated[Profile, Fix("production, or development on your own machine")] = Field(
        default="production", validation_alias="NETSCRIPT_PROFILE"
    )
    port: Annotated[int, Field(ge=1, le=65535), Fix("a port number such as 8094")] = Field(
        default=DEFAULT_PORT, validation_alias="PORT"
    )
    host: Annotated[str, Fix("the address to listen on: 127.0.0.1, or 0.0.0.0 for every interface")] = Field(
        default="", validation_alias="NETSCRIPT_HOST", validate_default=True
    )
    data_dir: Annotated[Path | None, Fix("a folder that this service may write to")] = Field(
        default=None, validation_alias="NETSCRIPT_DATA_DIR", validate_default=True
    )
    kv_url: Annotated[
        SecretStr,
        Fix(
            "where sessions are kept: sqlite:////var/lib/netscript/kv.db, or rediss://USER:PASSWORD@host:6379/0"
        ),
    ] = Field(default=SecretStr(""), validation_alias="NETSCRIPT_KV_URL", validate_default=True)
    backend: Annotated[str, Fix("the name of an installed auth backend")] = "kv-oauth"
    drain_backends: Annotated[
        CommaSeparated, Fix("names of backends that were active before, separated by commas")
    ] = ()
    public_url: Annotated[
        str, Fix("what browsers call this service, such as https://auth.acme.example, without a path")
    ] = Field(default="", validate_default=True)
    keys: Annotated[SecretStr | None, Fix(_MAKE_A_KEY)] = Field(default=None, validate_default=True)
    pages: Annotated[bool, Fix("true or false")] = True
    allowed_return_to: Annotated[
        CommaSeparated, Fix("addresses such as https://app.acme.example/area, separated by commas")
    ] = ()
    default_return_to: Annotated[
        str, Fix("a path of this service, or an address that NETSCRIPT_AUTH_ALLOWED_RETURN_TO allows")
    ] = Field(default="", validate_default=True)
    allowed_origins: Annotated[CommaSeparated, Fix(_ORIGIN)] = ()
    allowed_hosts: Annotated[
        CommaSeparated, Fix("hosts such as auth.acme.example or localhost:8094, separated by commas")
    ] = Field(default=(), validate_default=True)
    trusted_proxies: Annotated[
        Networks, Fix("networks of your proxies such as 10.1.2.0/24 or 127.0.0.1, separated by commas")
    ] = ()
    rate_limit: Annotated[
        RateOrOff, Fix("how many requests one address may make, such as 300/m; or off, the word")
    ] = DEFAULT_RATE
    audit: Annotated[CommaSeparated, Fix("log, store or both, separated by commas")] = ("log", "store")
    audit_keep: Annotated[Duration, Fix("a duration such as 3d, from 1h to 90d")] = timedelta(days=3)
    audit_salt: Annotated[SecretStr | None, Fix(_MAKE_A_KEY)] = None
    link_by: Annotated[
        CommaSeparated, Fix("upstream, verified-email or both, separated by commas; or nothing, the word")
    ] = (LinkRule.UPSTREAM.value,)
    token_audiences: Annotated[
        CommaSeparated,
        Fix("names of services such as reports.acme.example, separated by commas"),
    ] = ()
    token_ttl: Annotated[Duration, Field(ge=SHORTEST_TTL, le=LONGEST_TTL), Fix("60 to 900 seconds")] = (
        timedelta(minutes=5)
    )
    token_key_period: Annotated[
        Duration, Field(ge=SHORTEST_PERIOD, le=LONGEST_PERIOD), Fix("1d to 180d; 30d by default")
    ] = timedelta(days=30)
    service_credentials: Annotated[SecretStr | None, Fix(_SERVICE_CREDENTIALS)] = None
    cookie_name: Annotated[str, Fix("1 to 64 letters, digits, hyphens, underscores")] = DEFAULT_SESSION_NAME
    cookie_domain: Annotated[str | None, Fix(_COOKIE_DOMAIN)] = None
    max_revocation_lag: Annotated[
        Duration | None, Field(ge=timedelta(0)), Fix("a duration such as 0s, 30s or 5m")
    ] = None
    metrics_token: Annotated[SecretStr | None, Fix("a secret of at least 16 characters for Prometheus")] = (
        Field(default=None, validation_alias="NETSCRIPT_METRICS_TOKEN")
    )

    @property
    def is_production(self) -> bool:
        """Whether nothing may be laxer than it must be."""
        return self.profile != _DEVELOPMENT

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the service by HTTPS."""
        return self.public_url.startswith("https:")

    @field_validator("host")
    @classmethod
    def _host(cls, value: str, info: ValidationInfo) -> str:
        if not _is_development(info):
            return value or "0.0.0.0"  # noqa: S104  # production listens for its proxy
        if value and not is_loopback(value):
            raise ValueError("is reachable from other machines, which the development profile refuses")
        return value or "127.0.0.1"

    @field_validator("data_dir")
    @classmethod
    def _data_dir(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        return value or (Path(".data") if _is_development(info) else None)

    @field_validator("kv_url")
    @classmethod
    def _kv_url(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        url = value.get_secret_value() or _default(info, "sqlite://")
        return SecretStr(check_kv_url(url, info.data.get("data_dir")))

    @field_validator("drain_backends")
    @classmethod
    def _drain_backends(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_drained(value)

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str, info: ValidationInfo) -> str:
        value = value or _default(info, f"http://localhost:{info.data.get('port', DEFAULT_PORT)}")
        return check_public_url(value, allows_loopback_http=_is_development(info))

    @field_validator("keys")
    @classmethod
    def _keys(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            check_keys(value.get_secret_value())
            return value
        _default(info, "")
        return None

    @field_validator("allowed_return_to")
    @classmethod
    def _allowed_return_to(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_addresses(value, allows_loopback_http=_is_development(info))

    @field_validator("default_return_to")
    @classmethod
    def _default_return_to(cls, value: str, info: ValidationInfo) -> str:
        value = value or ("/account" if info.data.get("pages", True) else "/")
        public_url, allowed = info.data.get("public_url"), info.data.get("allowed_return_to", ())
        if public_url is None:
            return value  # told already
        try:
            ReturnToPolicy(public_url, allowed, value)
        except FlowRefusedError:
            raise ValueError("is not a destination that is allowed") from None
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _allowed_origins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_origins(value, allows_loopback_http=_is_development(info))

    @field_validator("allowed_hosts")
    @classmethod
    def _allowed_hosts(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        public = parse_address(info.data.get("public_url", ""))
        own = (public.authority,) if public else ()
        local = _LOCAL_HOSTS if _is_development(info) else ()
        return tuple(dict.fromkeys((*own, *check_hosts(value), *local)))

    @field_validator("link_by")
    @classmethod
    def _link_by(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_link_rules(value)

    @field_validator("audit")
    @classmethod
    def _audit(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_audit(value)

    @field_validator("audit_keep")
    @classmethod
    def _audit_keep(cls, value: timedelta) -> timedelta:
        return check_audit_keep(value)

    @field_validator("audit_salt")
    @classmethod
    def _audit_salt(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        keys: SecretStr | None = info.data.get("keys")
        text = check_audit_salt(value.get_secret_value(), keys.get_secret_value() if keys else "")
        return SecretStr(text)

    @field_validator("token_audiences")
    @classmethod
    def _token_audiences(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_audiences(value)

    @field_validator("service_credentials")
    @classmethod
    def _service_credentials(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_service_credentials(value.get_secret_value())
        return value

    @field_validator("cookie_name")
    @classmethod
    def _cookie_name(cls, value: str) -> str:
        return check_cookie_name(value)

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_metrics_token(value.get_secret_value())
        return value

    @field_validator("cookie_domain")
    @classmethod
    def _cookie_domain(cls, value: str | None, info: ValidationInfo) -> str | None:
        public_url = info.data.get("public_url")
        if value is None or public_url is None:
            return value  # the public URL's fault is told already
        return check_cookie_domain(value, public_url)

    @property
    def link_rules(self) -> frozenset[LinkRule]:
        """What joins a new account to a person who is known, beside issuer and subject."""
        return frozenset(map(LinkRule, self.link_by))

    def cookie_policy(self) -> CookiePolicy:
        """Return names and attributes of our cookies."""
        address = parse_address(self.public_url)
        return CookiePolicy(
            is_secure=self.is_https,
            session_base=self.cookie_name,
            host=address.host if address else "",
            domain=self.cookie_domain,
        )

    def return_to_policy(self) -> ReturnToPolicy:
        """Return the allow-list of destinations."""
        return ReturnToPolicy(self.public_url, self.allowed_return_to, self.default_return_to)


def _is_development(info: ValidationInfo) -> bool:
    return info.data.get("profile") == _DEVELOPMENT


def _default(info: ValidationInfo, value: str) -> str:
    """Return what development fills in; production must be told."""
    if info.data.get("profile") == "production":
        raise ValueError("is not set")
    return value
