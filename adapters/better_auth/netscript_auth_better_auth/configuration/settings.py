"""What the better-auth backend reads: ``BETTER_AUTH_*``, named as better-auth itself names what both know."""

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from netscript_auth_better_auth.configuration.account_issuers import (
    ACCOUNT_ISSUERS_FIX,
    account_issuer_faults,
    read_account_issuers,
)
from netscript_auth_better_auth.configuration.server_config import (
    CookieNames,
    ServerConfig,
    TokenRules,
    spellings,
    with_path,
    without_path,
)
from netscript_kernel.addresses import address_problem, issuer_problem
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import CommaSeparated, Duration, Environment, Fix, Settings, between

_URL_FIX: Final = "the base URL of your better-auth server, such as https://acme.example/api/auth"
_ISSUER_FIX: Final = "what browsers call your better-auth server, such as https://acme.example"
_SECRET_FIX: Final = "the secret of your better-auth server"  # noqa: S105  # words, not a secret
_SIGN_IN_FIX: Final = "the address of your sign-in page, such as https://acme.example/login"
_PREFIX_FIX: Final = "the cookiePrefix of your better-auth server, without the __Secure- that browsers see"
_AGREED_FIX: Final = "what the jwt plugin of your better-auth server is configured with"
_TTL_FIX: Final = "the expirationTime of the jwt plugin, between 1m and 1d, such as 15m"
_MODE_FIX: Final = "remote (asks the server about each request) or jwt (verifies its tokens)"
_PREFIX: Final = re.compile(r"(?!__)[A-Za-z0-9._-]{1,64}")
_MOST_CHARACTERS: Final = 512

_LIFE_FIX: Final = "a duration between 1m and 400d, such as 30d"
# better-auth prolongs a session with use, for ever; browsers keep no cookie for longer than this.
_LONGEST: Final = timedelta(days=400)

SessionLife = Annotated[Duration, between(timedelta(minutes=1), _LONGEST), Fix(_LIFE_FIX)]
TokenLife = Annotated[Duration, between(timedelta(minutes=1), timedelta(days=1)), Fix(_TTL_FIX)]


class Mode(StrEnum):
    """How it is found out who asks."""

    REMOTE = "remote"
    JWT = "jwt"


class BetterAuthSettings(Settings):
    """The settings of this backend.

    Attributes:
        url: Base URL of the server. Without a path, ``/api/auth`` is added.
        secret: Lets a cookie that is not signed be refused without asking the server.
        mode: ``remote`` or ``jwt``.
        issuer: What browsers call the server, where that is not ``url``.
        cookie_prefix: As configured there (``advanced.cookiePrefix``).
        sign_in_url: Where people sign in.
        account_issuers: Which accounts that it lists count: ``google``, or ``id=issuer`` for others.
        token_issuer: The ``iss`` of its tokens, where that is not its base URL.
        token_audience: The ``aud`` of its tokens, where that is not its base URL.
        token_ttl: How long its tokens live at most.
        session_ttl: How long a session lives, whatever happens; then it is ended at the server.
    """

    model_config = SettingsConfigDict(env_prefix="BETTER_AUTH_")

    url: Annotated[str, Fix(_URL_FIX)]
    secret: Annotated[SecretStr | None, Fix(_SECRET_FIX)] = None
    mode: Annotated[Mode, Fix(_MODE_FIX)] = Field(
        default=Mode.REMOTE, validation_alias="NETSCRIPT_AUTH_BETTER_AUTH_MODE"
    )
    issuer: Annotated[str | None, Fix(_ISSUER_FIX)] = None
    cookie_prefix: Annotated[str, Fix(_PREFIX_FIX)] = "better-auth"
    sign_in_url: Annotated[str | None, Fix(_SIGN_IN_FIX)] = None
    account_issuers: Annotated[CommaSeparated, Fix(ACCOUNT_ISSUERS_FIX)] = ()
    token_issuer: Annotated[str | None, Fix(_AGREED_FIX)] = None
    token_audience: Annotated[str | None, Fix(_AGREED_FIX)] = None
    token_ttl: TokenLife = timedelta(minutes=15)
    session_ttl: SessionLife = Field(default=_LONGEST, validation_alias="NETSCRIPT_AUTH_SESSION_TTL")

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the settings and judge them as a whole, so that every fault is told at once.

        Raises:
            ConfigurationError: with every fault, each naming its variable; never with a value.
        """
        settings = super().from_environment(environment)
        settings.server_config(is_production=environment.get("NETSCRIPT_PROFILE") != "development")
        return settings

    def server_config(self, *, is_production: bool) -> ServerConfig:
        """Return the server.

        Args:
            is_production: Whether browsers must reach it by https.

        Raises:
            ConfigurationError: with every fault.
        """
        faults = list(self._faults(is_production=is_production))
        if faults:
            raise ConfigurationError(faults)
        issuer = without_path(self.issuer or self.url)
        is_secure = is_production or issuer.startswith("https:")
        return ServerConfig(
            base_url=with_path(self.url),
            issuer=issuer,
            sign_in_url=self.sign_in_url or issuer,
            cookies=CookieNames.of(self.cookie_prefix, is_secure=is_secure),
            secret=self.secret.get_secret_value().encode() if self.secret else None,
            account_issuers=read_account_issuers(self.account_issuers),
            tokens=TokenRules(
                issuers=frozenset({self.token_issuer}) if self.token_issuer else spellings(issuer),
                audiences=frozenset({self.token_audience}) if self.token_audience else spellings(issuer),
                longest=self.token_ttl,
            ),
            longest_session=self.session_ttl,
        )

    def _faults(self, *, is_production: bool) -> Iterator[Fault]:
        yield from self._address_faults(is_production=is_production)
        if not _PREFIX.fullmatch(self.cookie_prefix):
            yield Fault(self.variable("cookie_prefix"), "is not a prefix of cookies", _PREFIX_FIX)
        for name in ("token_issuer", "token_audience"):
            value: str | None = getattr(self, name)
            if value is not None and (not value.isprintable() or len(value) > _MOST_CHARACTERS):
                yield Fault(self.variable(name), "is too long, or has control characters in it", _AGREED_FIX)
        yield from account_issuer_faults(
            self.variable("account_issuers"), self.account_issuers, allow_loopback_http=not is_production
        )

    def _address_faults(self, *, is_production: bool) -> Iterator[Fault]:
        # On the way to this machine nobody listens, so plain http will do for it even in production.
        problem = issuer_problem(self.url, allow_loopback_http=True)
        if problem is not None:
            yield Fault(self.variable("url"), problem, _URL_FIX)
        elif self.issuer is None and issuer_problem(self.url, allow_loopback_http=not is_production):
            fix = f"{_ISSUER_FIX}: {self.variable('url')} is an address of this machine"
            yield Fault(self.variable("issuer"), "is not set", fix)
        if self.issuer is not None:
            problem = issuer_problem(self.issuer, allow_loopback_http=not is_production)
            if problem is None and len(self.issuer) > _MOST_CHARACTERS:
                problem = f"is longer than {_MOST_CHARACTERS} characters"
            if problem is not None:
                yield Fault(self.variable("issuer"), problem, _ISSUER_FIX)
        if self.sign_in_url is not None:
            problem = address_problem(self.sign_in_url, allow_loopback_http=not is_production)
            if problem is not None:
                yield Fault(self.variable("sign_in_url"), problem, _SIGN_IN_FIX)
