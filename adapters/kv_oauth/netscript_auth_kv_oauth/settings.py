"""What the kv-oauth backend reads: ``NETSCRIPT_AUTH_*``."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field

from netscript_auth_kv_oauth.presets import OIDC, PRESETS
from netscript_auth_kv_oauth.provider_checks import ID
from netscript_auth_kv_oauth.providers import ProviderConfig
from netscript_auth_kv_oauth.registrations import (
    PREFIX,
    Registration,
    callback_of,
    find_faults,
    is_of_one_of_several,
    make_config,
    preset_of,
    read_what_can_be,
    registration_of,
)
from netscript_auth_kv_oauth.sessions import SessionLimits
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import CommaSeparated, Duration, Environment, Fix

_KNOWN: Final = ", ".join(PRESETS)
_PROVIDER_FIX: Final = f"one of {_KNOWN}; oidc is taken where {PREFIX}ISSUER is set"
_PROVIDERS_FIX: Final = (
    f"different names separated by commas, each one of {_KNOWN}, "
    f"or a name of your own with {PREFIX}PROVIDER_<NAME>_ISSUER"
)
_LIFE_FIX: Final = "a duration between 1m and 400d, such as 24h or 7d"
_SHORTEST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(days=400)  # browsers keep no cookie longer (RFC 6265bis section 5.5)
_ANYWHERE: Final = "https://auth.invalid"

Life = Annotated[Duration, Field(ge=_SHORTEST, le=_LONGEST), Fix(_LIFE_FIX)]


class KvOAuthSettings(Registration):
    """The settings of this backend. The fields of a registration are the short form, for one provider.

    Attributes:
        provider: Which preset; ``oidc`` where only the issuer is set.
        providers: Several, instead of the short form; each has ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``.
        registered: Those registrations, in the order of ``providers``.
        session_ttl: How long a session lives, whatever happens.
        session_idle_ttl: How long it lives without use.
    """

    provider: Annotated[str | None, Fix(_PROVIDER_FIX)] = None
    providers: Annotated[CommaSeparated | None, Fix(_PROVIDERS_FIX)] = None
    registered: tuple[Registration, ...] = Field(default=(), validation_alias=f"{PREFIX}PROVIDER_*")
    session_ttl: Life = timedelta(days=7)
    session_idle_ttl: Life = timedelta(hours=24)

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the settings and judge them as a whole, so that every fault is told at once.

        The profile is the service's to read; here it only tells what would be wrong under it. With what the
        service made of it, :meth:`provider_configs` is asked again.

        Raises:
            ConfigurationError: with every fault, each naming its variable; never with a value.
        """
        faults: list[Fault] = []
        settings = read_what_can_be(super().from_environment, environment, faults)
        registered = [
            read_what_can_be(registration_of(name).from_environment, environment, faults)
            for name in settings.providers or ()
            if ID.fullmatch(name)
        ]
        settings = settings.model_copy(update={"registered": tuple(registered)})
        told = {fault.variable for fault in faults}
        faults.extend(fault for fault in settings.judge(environment) if fault.variable not in told)
        if faults:
            raise ConfigurationError(dict.fromkeys(faults))
        return settings

    def provider_configs(self, *, public_url: str, is_production: bool) -> tuple[ProviderConfig, ...]:
        """Return the providers, in the order configured.

        Args:
            public_url: What the outside calls the service; the default callbacks are below it.
            is_production: Whether plain HTTP is forbidden even on this machine.

        Raises:
            ConfigurationError: with every fault.
        """
        faults = list(self._name_faults())
        if faults:
            raise ConfigurationError(faults)
        registrations = self._registrations()
        names = [name for name, _ in registrations]
        configs = tuple(
            make_config(
                name,
                preset_of(name, registration) or OIDC,
                registration,
                callback_of(public_url, name if len(names) > 1 else None),
            )
            for name, registration in registrations
        )
        faults = find_faults(configs, [each for _, each in registrations], is_production=is_production)
        if faults:
            raise ConfigurationError(faults)
        return configs

    @property
    def limits(self) -> SessionLimits:
        """How long sessions live."""
        return SessionLimits(self.session_ttl, self.session_idle_ttl)

    def judge(self, environment: Environment) -> Iterator[Fault]:
        """Yield what is wrong with the settings as a whole."""
        if self.session_idle_ttl > self.session_ttl:
            problem = f"is longer than {self.variable('session_ttl')}"
            yield Fault(self.variable("session_idle_ttl"), problem, "a shorter idle limit, or a longer life")
        yield from self._strays(environment)
        try:
            self.provider_configs(
                public_url=_ANYWHERE, is_production=environment.get("NETSCRIPT_PROFILE") != "development"
            )
        except ConfigurationError as error:
            yield from error.faults

    @classmethod
    def knows(cls, variable: str) -> bool:
        """Whether this is a variable of one of several providers; which ones there are, reading judges."""
        return is_of_one_of_several(variable)

    def _strays(self, environment: Environment) -> Iterator[Fault]:
        read = {name for registration in self.registered for name in type(registration).variables()}
        fix = f"add the provider to {self.variable('providers')}, or remove this"
        for variable in sorted(environment):
            if is_of_one_of_several(variable) and variable not in read:
                yield Fault(variable, "belongs to no configured provider", fix)

    def _registrations(self) -> Sequence[tuple[str, Registration]]:
        if self.providers is not None:
            return list(zip(self.providers, self.registered, strict=True))
        return [(self.provider or OIDC.id, self)]

    def _name_faults(self) -> Iterator[Fault]:
        if self.providers is not None:
            yield from self._faults_of_several(self.providers)
        elif self.provider is None and self.issuer is None:
            yield Fault(self.variable("provider"), "is not set", _PROVIDER_FIX)
        elif self.provider is not None and self.provider not in PRESETS:
            yield Fault(self.variable("provider"), "is not a provider known by name", _PROVIDER_FIX)

    def _faults_of_several(self, names: Sequence[str]) -> Iterator[Fault]:
        variable = self.variable("providers")
        if not names or len(set(names)) < len(names) or not all(ID.fullmatch(name) for name in names):
            yield Fault(variable, "is not a list of different names", _PROVIDERS_FIX)
            return
        for position, (name, registration) in enumerate(self._registrations(), start=1):
            if preset_of(name, registration) is None:
                yield Fault(variable, f"has an unknown name at position {position}", _PROVIDERS_FIX)
        for field in ("provider", *Registration.model_fields):
            if getattr(self, field) is not None:
                fix = f"remove it, or {variable}; with several providers use {PREFIX}PROVIDER_<NAME>_<FIELD>"
                yield Fault(self.variable(field), f"is set, and {variable} too", fix)
