"""What the workos backend reads: ``WORKOS_*``."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from netscript_auth_workos.seals.cookie_seals import opened_by
from netscript_auth_workos.seals.iron import SHORTEST_PASSWORD
from netscript_auth_workos.seals.session_data import SealKind
from netscript_kernel.addresses import address_problem, issuer_problem
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import CommaSeparated, Duration, Environment, Fix, Settings, between

_API_KEY_FIX: Final = "the secret key (sk_...) of the environment: WorkOS dashboard, API Keys"
_CLIENT_ID_FIX: Final = "the client id (client_...) of the environment: WorkOS dashboard, API Keys"
_SEALING_FIX: Final = (
    "the WORKOS_COOKIE_PASSWORD of the application that signs people in. A Fernet key opens cookies of the "
    "Python SDK and of the Node SDK; any other text of at least 32 characters opens those of the Node SDK. "
    "Where no cookie is sealed, set WORKOS_COOKIE_SEALS=plain instead"
)
_BASE_URL_FIX: Final = "where WorkOS's API is, such as https://api.workos.com, which is the default"
_COOKIE_NAME_FIX: Final = "the name of the application's session cookie, wos-session unless it says otherwise"
_COOKIE_DOMAIN_FIX: Final = (
    "the Domain of the application's session cookie, such as acme.example, if it has one"
)
_SEALS_FIX: Final = (
    "what writes the cookie: python, node, plain (JSON that nothing seals), or several with commas; leave it "
    "out for those that the password opens"
)
_ISSUERS_FIX: Final = (
    "custom authentication domains whose tokens count too, such as https://auth.acme.example"
)
_LIFE_FIX: Final = (
    "the access token duration of the dashboard (Authentication, Sessions), between 1m and 1d, such as 5m"
)
_SIGN_IN_URL_FIX: Final = (
    "the address where the application lets people sign in, such as https://acme.example/login"
)
_END_SESSION_FIX: Final = (
    "true: a sign-out sends the browser to AuthKit, too; <public URL>/signed-out has to be a sign-out "
    "redirect of the dashboard then"
)
_INTERACTIVE_FIX: Final = (
    "true: people sign in at AuthKit through us; <public URL>/api/v1/auth/callback has to be a redirect "
    "URI of the dashboard then. false: an application signs them in, and its cookie is read"
)
_OF_THE_APPLICATION: Final = (
    *("cookie_password", "cookie_name", "cookie_domain", "cookie_seals"),
    "sign_in_url",
)
_COOKIE_NAME: Final = r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$"  # RFC 6265 section 4.1.1
_DOMAIN: Final = r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"
_ID: Final = r"^[A-Za-z0-9_-]{1,255}$"

_API: Final = "https://api.workos.com"


class WorkOSSettings(Settings):
    """The settings of this backend.

    Attributes:
        api_key: Of the environment.
        client_id: Of the application.
        cookie_password: With which the application's SDK seals session cookies.
        cookie_name: Of the application's session cookie.
        cookie_domain: Its domain, for renewed ones.
        cookie_seals: Which forms of it are accepted; if left out, those that the password opens.
        base_url: Where the API is.
        issuers: Whose tokens count, beside WorkOS itself.
        access_token_life: A token counts for no longer.
        sign_in_url: Where people sign in.
        end_session: Whether a sign-out sends the browser to AuthKit, too.
        interactive: Whether people sign in through us; then the sessions are ours, and the application's
            cookie is not looked at.
    """

    model_config = SettingsConfigDict(env_prefix="WORKOS_")

    api_key: Annotated[SecretStr, Fix(_API_KEY_FIX)]
    client_id: Annotated[str, Field(pattern=_ID), Fix(_CLIENT_ID_FIX)]
    cookie_password: Annotated[SecretStr | None, Fix(_SEALING_FIX)] = None
    cookie_name: Annotated[str, Field(pattern=_COOKIE_NAME), Fix(_COOKIE_NAME_FIX)] = "wos-session"
    cookie_domain: Annotated[str | None, Field(pattern=_DOMAIN), Fix(_COOKIE_DOMAIN_FIX)] = None
    cookie_seals: Annotated[CommaSeparated | None, Fix(_SEALS_FIX)] = None
    base_url: Annotated[str, Fix(_BASE_URL_FIX)] = _API
    issuers: Annotated[CommaSeparated, Fix(_ISSUERS_FIX)] = ()
    access_token_life: Annotated[
        Duration, between(timedelta(minutes=1), timedelta(days=1)), Fix(_LIFE_FIX)
    ] = timedelta(minutes=5)
    sign_in_url: Annotated[str | None, Fix(_SIGN_IN_URL_FIX)] = None
    end_session: Annotated[bool, Fix(_END_SESSION_FIX)] = False
    interactive: Annotated[
        bool, Field(validation_alias="NETSCRIPT_AUTH_WORKOS_INTERACTIVE"), Fix(_INTERACTIVE_FIX)
    ] = False

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the settings and judge them as a whole, so that every fault is told at once.

        Raises:
            ConfigurationError: with every fault, each naming its variable; never with a value.
        """
        try:
            settings = super().from_environment(environment)
        except ConfigurationError as error:
            raise ConfigurationError([*error.faults, *cls._missing_password(environment)]) from None
        settings.check(is_production=environment.get("NETSCRIPT_PROFILE") != "development")
        return settings

    @classmethod
    def _missing_password(cls, environment: Environment) -> Iterator[Fault]:
        """Yield what Pydantic lets pass, since not every configuration needs it."""
        variable = cls.variable("cookie_password")
        is_there = variable in environment or f"{variable}_FILE" in environment
        is_needed = environment.get(cls.variable("cookie_seals"), "").strip() != SealKind.PLAIN
        if is_needed and not is_there and cls.variable("interactive") not in environment:
            yield Fault(variable, "is not set", _SEALING_FIX)

    def check(self, *, is_production: bool) -> None:
        """Judge what Pydantic cannot.

        Raises:
            ConfigurationError: with every fault.
        """
        own = self._foreign_faults() if self.interactive else self._password_faults()
        faults = [*own, *self._address_faults(allow_http=not is_production)]
        if faults:
            raise ConfigurationError(faults)

    @property
    def kinds(self) -> frozenset[SealKind]:
        """Which forms of the cookie are accepted."""
        if self.cookie_seals is not None:
            return frozenset(SealKind(each) for each in self.cookie_seals)
        return opened_by(self.password)

    @property
    def password(self) -> str:
        """Of the seals; empty where nothing is sealed by others."""
        return self.cookie_password.get_secret_value() if self.cookie_password is not None else ""

    @property
    def api(self) -> str:
        """Where the API is, without a trailing slash."""
        return self.base_url.rstrip("/")

    @property
    def accepted_issuers(self) -> frozenset[str]:
        """What ``iss`` of an access token may be."""
        return frozenset({f"{_API}/user_management/{self.client_id}", _API, *self.issuers})

    @property
    def environment_issuer(self) -> str:
        """The name under which our users have their accounts at WorkOS, whatever its domain is called."""
        return f"{_API}/user_management/{self.client_id}"

    def _password_faults(self) -> Iterator[Fault]:
        variable, wished = self.variable("cookie_password"), set(self.cookie_seals or ())
        if not wished <= set(SealKind):
            problem = "names something else than python, node and plain"
            yield Fault(self.variable("cookie_seals"), problem, _SEALS_FIX)
        if self.cookie_password is None:
            if wished != {SealKind.PLAIN}:
                yield Fault(variable, "is not set", _SEALING_FIX)
            return
        opened = opened_by(self.password)
        if not opened:
            problem = f"is shorter than {SHORTEST_PASSWORD} characters, and so opens no cookie of any SDK"
            yield Fault(variable, problem, _SEALING_FIX)
        if opened and SealKind.PYTHON in wished - opened:
            problem = (
                "is no Fernet key (44 characters of base64url), which the cookies of the Python SDK need"
            )
            yield Fault(variable, problem, _SEALING_FIX)

    def _foreign_faults(self) -> Iterator[Fault]:
        """Yield what is set and would be passed over: whoever set it expects something of it."""
        for field in _OF_THE_APPLICATION:
            if field in self.model_fields_set and getattr(self, field) is not None:
                problem = f"is set, and {self.variable('interactive')} too, with which nothing reads it"
                yield Fault(self.variable(field), problem, "remove one of the two")

    def _address_faults(self, *, allow_http: bool) -> Iterator[Fault]:
        told = [("base_url", address_problem(self.base_url, allow_loopback_http=allow_http), _BASE_URL_FIX)]
        if self.sign_in_url is not None:
            problem = address_problem(self.sign_in_url, allow_loopback_http=allow_http)
            told.append(("sign_in_url", problem, _SIGN_IN_URL_FIX))
        told += [
            ("issuers", issuer_problem(issuer, allow_loopback_http=allow_http), _ISSUERS_FIX)
            for issuer in self.issuers
        ]
        yield from (Fault(self.variable(field), problem, fix) for field, problem, fix in told if problem)
