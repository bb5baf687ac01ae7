"""Settings of ``NETSCRIPT_CALLERS_*``: what is misspelt, or of another mode, is a fault like all others."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Self

from typing_extensions import override

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Settings, gather_faults

PREFIX: Final = "NETSCRIPT_CALLERS_"
MODE: Final = f"{PREFIX}MODE"

ASK: Final = "ask"
LOCAL: Final = "local"
PROXY: Final = "proxy"

_ALL: Final = frozenset({ASK, LOCAL, PROXY})
_READ_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "MODE": _ALL,
        "PUBLIC_URL": _ALL,
        "AUTH_URL": frozenset({ASK, LOCAL}),
        "ALLOW_HTTP": frozenset({ASK, LOCAL}),
        "COOKIES": frozenset({ASK}),
        "ALLOWED_ORIGINS": frozenset({ASK, PROXY}),
        "AUDIENCE": frozenset({LOCAL}),
        "FEED_SECRET": frozenset({LOCAL}),
        "FEED_SECRET_FILE": frozenset({LOCAL}),
        "MAX_SILENCE": frozenset({LOCAL}),
        "TRUSTED_PROXIES": frozenset({PROXY}),
    }
)
"""Modes that read a variable, by its name without the prefix."""
_NAMES: Final = MappingProxyType({f"{PREFIX}{name}": modes for name, modes in _READ_BY.items()})


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
        if faults := [*_read_by_nothing(ours), *_of_another_mode(ours)]:
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


def chosen_mode(environment: Environment, allowed: Sequence[str]) -> str:
    """Return the mode that an environment names, before any settings are read: which ones depends on it.

    Args:
        environment: With ``NETSCRIPT_CALLERS_*``.
        allowed: Modes that the caller can have.

    Raises:
        ConfigurationError: it names no mode, or another one. With each variable that no mode reads; what is
            missing nobody can tell before there is a mode.
    """
    mode = environment.get(MODE, ASK)
    if mode in allowed:
        return mode
    wrong = Fault(MODE, _wrong_with(mode), f"set it to {', '.join(allowed[:-1])} or {allowed[-1]}")
    raise ConfigurationError([wrong, *_read_by_nothing(environment)])


def _wrong_with(mode: str) -> str:
    if not mode.strip():
        return "is set but empty"
    return "is for guards of the kernel alone (create_authenticator)" if mode in _ALL else "is no mode"


def _read_by_nothing(environment: Environment) -> Iterator[Fault]:
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in _NAMES:
            close = get_close_matches(name, _NAMES, n=1, cutoff=0.85)
            yield Fault(name, "is read by nothing", f"did you mean {close[0]}?" if close else "remove it")


def _of_another_mode(environment: Environment) -> Iterator[Fault]:
    mode = environment.get(MODE, ASK)
    for name in sorted(environment.keys() & _NAMES.keys()):
        if mode in _ALL and mode not in _NAMES[name]:
            yield Fault(name, f"is not read in the mode {mode}", f"remove it, or set {MODE}")
