"""Which backend signs people in, and what is taken from it and from earlier ones."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, field_validator

from netscript_auth_core.account_links import LinkRule
from netscript_kernel.settings import CommaSeparated, Duration, Fix
from netscript_plugin_auth.settings.entries import check_each, check_named_once
from netscript_plugin_auth.settings.profile import ProfileSettings

_NOTHING: Final = "nothing"


class BackendSettings(ProfileSettings):
    """The backends.

    Attributes:
        backend: The name of the active one.
        drain_backends: Whose sessions are honoured until they end, active or not.
        link_by: What joins a new account to a person who is known.
        max_revocation_lag: No backend may answer a revoked session for longer; ``None`` takes each as it is.
    """

    backend: Annotated[str, Fix("the name of an installed auth backend")] = "kv-oauth"
    drain_backends: Annotated[
        CommaSeparated, Fix("names of backends that were active before, separated by commas")
    ] = ()
    link_by: Annotated[
        CommaSeparated, Fix("upstream, verified-email or both, separated by commas; or nothing, the word")
    ] = (LinkRule.UPSTREAM.value,)
    max_revocation_lag: Annotated[
        Duration | None, Field(ge=timedelta(0)), Fix("a duration such as 0s, 30s or 5m")
    ] = None

    @property
    def link_rules(self) -> frozenset[LinkRule]:
        """What joins a new account to a person who is known, beside issuer and subject."""
        return frozenset(map(LinkRule, self.link_by))

    @field_validator("drain_backends")
    @classmethod
    def _drain_backends(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return check_named_once(value)

    @field_validator("link_by")
    @classmethod
    def _link_by(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == (_NOTHING,):
            return ()
        return check_each(value, lambda entry: entry in set(LinkRule), "is no rule")
