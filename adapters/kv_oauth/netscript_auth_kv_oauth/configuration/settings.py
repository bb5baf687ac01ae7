"""What the kv-oauth backend reads: ``NETSCRIPT_AUTH_*``."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field

from netscript_auth_kv_oauth.configuration.chosen_providers import (
    Chosen,
    did_you_mean,
    find_faults,
    preset_of,
)
from netscript_auth_kv_oauth.configuration.provider_checks import CLIENT_ID_FIX, ID
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.configuration.registrations import (
    PREFIX,
    Parameters,
    Registration,
    callback_of,
    is_of_one_of_several,
    is_parameter,
    parameters_of,
    read_what_can_be,
    registration_of,
)
from netscript_auth_kv_oauth.presets.files import OIDC
from netscript_auth_kv_oauth.sessions.recent_answers import LONGEST
from netscript_auth_kv_oauth.sessions.session_room import MOST_PER_USER
from netscript_auth_kv_oauth.sessions.sessions import LONGEST_SESSION, SessionLimits
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import CommaSeparated, Duration, Environment, Fix, between

_PROVIDER_FIX: Final = "the id of a provider, such as google; oidc is taken where the issuer is set"
_PROVIDERS_FIX: Final = (
    "different names separated by commas, such as google,github: each the id of a provider, or a name "
    f"of your own with {PREFIX}PROVIDER_<NAME>_ISSUER or {PREFIX}PROVIDER_<NAME>_PRESET"
)
_OWN_FIX: Final = f"or a name of your own, with {PREFIX}PROVIDER_<NAME>_ISSUER or _PRESET"
_ONE_OR_SEVERAL: Final = (
    f"for one provider, {PREFIX}PROVIDER in place of {PREFIX}PROVIDERS; for several, remove this and use "
    f"{PREFIX}PROVIDER_<NAME>_<FIELD>"
)
_LIFE_FIX: Final = "a duration between 1m and 400d, such as 24h or 7d"
_PER_USER_FIX: Final = f"a whole number between 1 and {MOST_PER_USER}, such as 100"
_STALENESS_FIX: Final = f"a duration from 0s to {LONGEST.seconds}s, such as 5s"
_SHORTEST: Final = timedelta(minutes=1)
_ANYWHERE: Final = "https://auth.invalid"

Life = Annotated[Duration, between(_SHORTEST, LONGEST_SESSION), Fix(_LIFE_FIX)]


_USUAL: Final = SessionLimits()


class KvOAuthSettings(Registration):
    """The settings of this backend. The fields of a registration are the short form, for one provider.

    Attributes:
        provider: Which preset; ``oidc`` where only the issuer is set.
        providers: Several, instead of the short form; each has ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``.
        registered: Those registrations, in the order of ``providers``.
        parameters: What else is said of each provider, in the same order.
        session_ttl: How long a session lives, whatever happens.
        session_idle_ttl: How long it lives without use.
        sessions_per_user: How many one person has, until the next sign-in ends the oldest.
        session_staleness: For so long an answer may be given again without a look at the store.
    """

    provider: Annotated[str | None, Fix(_PROVIDER_FIX)] = None
    providers: Annotated[CommaSeparated | None, Fix(_PROVIDERS_FIX)] = None
    registered: tuple[Registration, ...] = Field(default=(), validation_alias=f"{PREFIX}PROVIDER_*")
    parameters: tuple[Parameters, ...] = Field(default=(), validation_alias=f"{PREFIX}*")
    session_ttl: Life = _USUAL.ttl
    session_idle_ttl: Life = _USUAL.idle_ttl
    sessions_per_user: Annotated[int, Field(ge=1, le=MOST_PER_USER), Fix(_PER_USER_FIX)] = _USUAL.per_user
    session_staleness: Annotated[Duration, between(timedelta(0), LONGEST), Fix(_STALENESS_FIX)] = (
        _USUAL.staleness
    )

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
        parameters = [
            read_what_can_be(parameters_of(preset_of(*each), each[1]).from_environment, environment, faults)
            for each in settings.named_registrations()
        ]
        settings = settings.model_copy(update={"parameters": tuple(parameters)})
        told = {fault.variable.removesuffix("_FILE") for fault in faults}
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
        known = [each for each in self.chosen if each.preset is not None]
        made = [each.config(callback_of(public_url, self._path_of(each.name))) for each in known]
        configs = [config for config in made if config is not None]
        faults = [*self._name_faults(), *find_faults(known, configs, is_production=is_production)]
        if faults:
            raise ConfigurationError(faults)
        return tuple(configs)

    @property
    def limits(self) -> SessionLimits:
        """How long sessions live."""
        return SessionLimits(
            self.session_ttl, self.session_idle_ttl, self.sessions_per_user, self.session_staleness
        )

    @property
    def chosen(self) -> Sequence[Chosen]:
        """The providers as they are chosen."""
        return [
            Chosen(name, registration, preset_of(name, registration), parameters)
            for (name, registration), parameters in zip(
                self.named_registrations(), self.parameters, strict=True
            )
        ]

    def named_registrations(self) -> list[tuple[str, Registration]]:
        """Return the chosen names, each with our registration there."""
        if self.providers is None:
            return [(self.provider or (OIDC if self.issuer is not None else ""), self)]
        return list(zip(filter(ID.fullmatch, self.providers), self.registered, strict=True))

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
        """Whether some provider may read this; whether a configured one does, reading judges."""
        return is_of_one_of_several(variable) or is_parameter(variable)

    def _strays(self, environment: Environment) -> Iterator[Fault]:
        chosen = self.chosen
        read = {name for each in chosen for name in each.variables}
        for variable in sorted(name for name in environment.keys() - read if self.knows(name)):
            owner = next((each for each in chosen if each.owns(variable)), None)
            if owner is None:
                fix = f"add the provider to {self.variable('providers')}, or remove this"
                yield Fault(variable, "belongs to no configured provider", fix)
            elif owner.preset is not None:
                fix = f"remove it; see: netscript auth providers show {owner.preset.id}"
                yield Fault(variable, f"is nothing that {owner.preset.display_name} needs", fix)

    def _path_of(self, name: str) -> str | None:
        return name if self.providers is not None and len(self.providers) > 1 else None

    def _name_faults(self) -> Iterator[Fault]:
        if self.providers is not None:
            yield from self._faults_of_several(self.providers)
            return
        (only,) = self.chosen
        if only.preset is None:
            problem = "is not set" if self.provider is None else "is not a provider known by name"
            fix = f"{did_you_mean(only.name)}; any other OpenID provider by {self.variable('issuer')}"
            yield Fault(self.variable("provider"), problem, fix)
        if only.preset is None and self.client_id is None:
            yield Fault(self.variable("client_id"), "is not set", CLIENT_ID_FIX)

    def _faults_of_several(self, names: Sequence[str]) -> Iterator[Fault]:
        variable = self.variable("providers")
        if not names or len(set(names)) < len(names) or not all(ID.fullmatch(name) for name in names):
            yield Fault(variable, "is not a list of different names", _PROVIDERS_FIX)
            return
        for position, each in enumerate(self.chosen, start=1):
            if each.preset is None:
                yield each.unknown(Fault(variable, f"has an unknown name at position {position}", _OWN_FIX))
        for field in ("provider", *Registration.model_fields):
            if getattr(self, field) is not None:
                yield Fault(self.variable(field), f"is set, and {variable} too", _ONE_OR_SEVERAL)
