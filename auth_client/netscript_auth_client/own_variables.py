"""Settings of ``NETSCRIPT_CALLERS_*``: what is misspelt, or of another mode, is a fault like all others."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Self

from typing_extensions import override

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Settings, gather_faults

PREFIX: Final = "NETSCRIPT_CALLERS_"
MODE: Final = f"{PREFIX}MODE"

_ASK, _LOCAL, _PROXY = "ask", "local", "proxy"
_ALL: Final = frozenset({_ASK, _LOCAL, _PROXY})
_READ_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "MODE": _ALL,
        "PUBLIC_URL": _ALL,
        "AUTH_URL": frozenset({_ASK, _LOCAL}),
        "ALLOW_HTTP": frozenset({_ASK, _LOCAL}),
        "COOKIES": frozenset({_ASK}),
        "ALLOWED_ORIGINS": frozenset({_ASK, _PROXY}),
        "AUDIENCE": frozenset({_LOCAL}),
        "FEED_SECRET": frozenset({_LOCAL}),
        "FEED_SECRET_FILE": frozenset({_LOCAL}),
        "MAX_SILENCE": frozenset({_LOCAL}),
        "TRUSTED_PROXIES": frozenset({_PROXY}),
    }
)
"""Modes that read a variable, by its name without the prefix."""


class OwnSettings(Settings):
    """What one mode, or several, read."""

    @override
    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the settings. A variable of our name that is none, or that the mode does not read, is a fault.

        Raises:
            ConfigurationError: with every fault, each naming its variable; never with a value.
        """
        ours = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
        errors: list[ConfigurationError] = []
        if faults := [*_unread(ours)]:
            errors.append(ConfigurationError(faults))
        try:
            settings = super().from_environment(ours)
        except ConfigurationError as error:
            errors.append(error)
        else:
            if not errors:
                return settings
        refusal = gather_faults(errors)
        assert refusal is not None  # noqa: S101 - for the type checkers: there is an error by now
        raise refusal


def _unread(environment: Environment) -> Iterator[Fault]:
    names = {f"{PREFIX}{name}": modes for name, modes in _READ_BY.items()}
    mode = environment.get(MODE, _ASK)
    for name in sorted(environment):
        if name not in names:
            close = get_close_matches(name, names, n=1, cutoff=0.85)
            yield Fault(name, "is read by nothing", f"did you mean {close[0]}?" if close else "remove it")
        elif mode in _ALL and mode not in names[name]:
            yield Fault(name, f"is not read in the mode {mode}", f"remove it, or set {MODE}")
