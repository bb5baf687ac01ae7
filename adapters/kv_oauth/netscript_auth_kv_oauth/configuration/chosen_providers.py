"""The providers that the environment chooses, each with its preset, our registration and its parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from netscript_auth_kv_oauth.configuration.provider_checks import find_problems
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig, make_config
from netscript_auth_kv_oauth.configuration.registrations import (
    PREFIX,
    Parameters,
    Registration,
    RegistrationOfOne,
    is_of_one_of_several,
    prefix_of,
    variables_of,
)
from netscript_auth_kv_oauth.presets.files import OIDC, find_preset, preset_ids
from netscript_auth_kv_oauth.presets.schema import ProviderPreset
from netscript_kernel.addresses import host_of
from netscript_kernel.errors import Fault

LIST_COMMAND: Final = "netscript auth providers list"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One provider as it is chosen, before it is judged.

    Attributes:
        name: Its id here.
        registration: Where its variables are read from.
        preset: ``None`` where the name leads to none.
        parameters: Those of the preset.
    """

    name: str
    registration: Registration
    preset: ProviderPreset | None
    parameters: Parameters

    @property
    def variables(self) -> frozenset[str]:
        """Return the names of all variables that it is read from."""
        return variables_of(type(self.registration)) | variables_of(type(self.parameters))

    def variable(self, field: str) -> str:
        """Return the variable of a field of the registration, or of a parameter."""
        return f"{prefix_of(self.registration)}{field}".upper()

    def owns(self, variable: str) -> bool:
        """Whether a variable that nothing reads was meant for this provider."""
        is_short = prefix_of(self.registration) == PREFIX
        return variable.startswith(self.variable("")) and not (is_short and is_of_one_of_several(variable))

    def unknown(self, in_list: Fault) -> Fault:
        """Return what is wrong where there is no preset: with the one that was said, else with the name.

        Args:
            in_list: What is wrong with the list that has the name.
        """
        if isinstance(self.registration, RegistrationOfOne) and self.registration.preset is not None:
            problem, meant = "is not a provider known by name", self.registration.preset
            return Fault(self.variable("preset"), problem, did_you_mean(meant))
        return Fault(in_list.variable, in_list.problem, f"{did_you_mean(self.name)}; {in_list.fix}")

    def config(self, callback: str) -> ProviderConfig | None:
        """Return the provider, or ``None`` without preset; what is missing is for the checks to find."""
        if self.preset is None:
            return None
        said = self.registration
        return make_config(
            self.preset,
            id=self.name,
            display_name=_display_name(self.name, self.preset, said.issuer),
            client_id=said.client_id or "",
            client_secret=said.client_secret,
            redirect_uri=said.redirect_uri or callback,
            scopes=said.scopes,
            issuer=said.issuer,
            response_issuer=said.response_issuer,
            end_session=said.end_session or False,
            revocation=said.revocation,
            parameters=dict(self.parameters),
        )


def preset_of(name: str, registration: Registration) -> ProviderPreset | None:
    """Return what a name stands for: what its registration says, a preset, or any OpenID provider.

    Args:
        name: As chosen.
        registration: A name of the operator's own is that of an OpenID provider, if it has an issuer.
    """
    if isinstance(registration, RegistrationOfOne):
        said = find_preset(registration.preset or name)
        is_own_name = registration.preset is None and registration.issuer is not None
        return said or (find_preset(OIDC) if is_own_name else None)
    return find_preset(name)


def find_faults(
    chosen: Sequence[Chosen], configs: Sequence[ProviderConfig], *, is_production: bool
) -> list[Fault]:
    """Return what is wrong with the providers, each with the variable to set."""
    problems = find_problems(configs, is_production=is_production)
    return [
        Fault(each.variable(problem.field), problem.problem, problem.fix)
        for each, found in zip(chosen, problems, strict=True)
        for problem in found
    ]


def did_you_mean(name: str) -> str:
    """Return what to do about a name that no preset has; the name itself is not repeated."""
    close = get_close_matches(name.strip().lower(), preset_ids(), n=1, cutoff=0.6)
    told = f"did you mean {close[0]}?" if close else "the id of a provider, such as google or github;"
    return f"{told} All there are: {LIST_COMMAND}"


def _display_name(name: str, preset: ProviderPreset, issuer: str | None) -> str:
    """Return what people call the provider; the name of a protocol would tell them nothing."""
    if name != preset.id:
        return name.replace("-", " ").title()
    if preset.issuer is None and issuer:
        return host_of(issuer) or preset.display_name
    return preset.display_name
