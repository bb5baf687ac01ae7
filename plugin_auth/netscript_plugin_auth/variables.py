"""No variable is ignored: a ``NETSCRIPT_AUTH_*`` that nobody reads is a fault of the configuration.

So is any other ``NETSCRIPT_*`` that is nearly a variable of ours, with or without ``AUTH_``, such as
``NETSCRIPT_PUBLIC_URL``; and one that begins as those of a backend's vendor do, ``BETTER_AUTH_*`` say, and is
nearly one that the backend reads. All others of such names are somebody else's, and pass.

A settings class knows the variables of its fields, and for secrets the ``_FILE`` ones. One whose names
depend on other values, such as ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``, offers ``knows(variable)`` as
well. What only another installed backend reads is no fault, so that backends are swapped by changing
one variable; it is told, though.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final, Protocol, runtime_checkable

from netscript_auth_core.backends import AnyDefinition, find_backend, installed_backends
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Settings, is_secret
from netscript_plugin_auth.own_backends import OF_VENDORS
from netscript_plugin_auth.settings import PREFIX, AuthServiceSettings

_log = logging.getLogger("netscript.auth.configuration")
_FAMILY: Final = "NETSCRIPT_"
# Read by what else belongs to the family, and perhaps stands in the same .env.
_OF_OTHERS: Final = (
    "NETSCRIPT_CALLERS_",
    "NETSCRIPT_DEV_PROVIDER_",
    "NETSCRIPT_PROXY_CHECK_",
    "NETSCRIPT_SERVICE_",
)
_FROM_FILE: Final = "_FILE"
_ALIKE: Final = 0.75
_NEARLY_THE_SAME: Final = 0.85


@runtime_checkable
class KnowsVariables(Protocol):
    """A settings class that reads variables beyond those of its fields."""

    @classmethod
    def knows(cls, variable: str) -> bool:
        """Whether it reads a variable of this name."""
        ...


def check_variables(
    environment: Environment,
    backend: AnyDefinition | None,
    definitions: Mapping[str, AnyDefinition],
    drained: Iterable[AnyDefinition] | None = (),
) -> None:
    """Make sure that somebody reads every ``NETSCRIPT_AUTH_*`` of the environment, and that none is misspelt.

    Args:
        environment: All of it.
        backend: The chosen one; ``None`` where it is not known. Then what nobody seems to read may be its
            own, and only what is nearly a variable of somebody else is a fault.
        definitions: Backends beside the installed ones.
        drained: Backends that are opened besides the chosen one; ``None`` likewise.

    Raises:
        ConfigurationError: with every name that nobody reads, and what was perhaps meant.
    """
    chosen = [each for each in (backend, *(drained or ())) if each is not None]
    readers: list[type[Settings]] = [AuthServiceSettings, *(each.settings for each in chosen)]
    all_are_known = backend is not None and drained is not None
    faults = [*_unread(environment, readers, definitions, all_are_known=all_are_known)]
    faults += _nearly_ours(environment, readers)
    faults += _misspelt(environment, readers)
    if faults:
        raise ConfigurationError(faults)


def is_read_by_anybody(variable: str) -> bool:
    """Whether the service or an installed backend reads a variable of this name."""
    return _is_read(variable, [AuthServiceSettings, *_all_settings({})])


def _unread(
    environment: Environment,
    readers: list[type[Settings]],
    definitions: Mapping[str, AnyDefinition],
    *,
    all_are_known: bool,
) -> Iterator[Fault]:
    unread = [name for name in sorted(environment) if name.startswith(PREFIX) and not _is_read(name, readers)]
    if not unread:
        return
    others = list(_all_settings(definitions))
    foreign = [name for name in unread if _is_read(name, others)]
    if foreign and all_are_known:
        _log.warning("set, but read by another backend only: %s", ", ".join(foreign))
    known = {name for reader in (*readers, *others) for name in _names(reader)}
    for name in unread:
        if name in foreign:
            continue
        meant = _meant(name, PREFIX, known, _ALIKE if all_are_known else _NEARLY_THE_SAME)
        if meant is not None:
            yield _fault(name, f"did you mean {meant}?")
        elif all_are_known:
            yield _fault(name, "remove it; see the README for what there is")


def _nearly_ours(environment: Environment, readers: list[type[Settings]]) -> Iterator[Fault]:
    """Yield what is of the family, and nearly a variable that is read; all else of it is somebody else's."""
    known = {name for reader in readers for name in _names(reader) if name.startswith(_FAMILY)}
    by_ending = {name.removeprefix(_FAMILY): name for name in known}
    by_ending |= {name.removeprefix(PREFIX): name for name in known if name.startswith(PREFIX)}
    for name in sorted(environment):
        if name in known or not name.startswith(_FAMILY) or name.startswith((PREFIX, *_OF_OTHERS)):
            continue
        close = get_close_matches(name.removeprefix(_FAMILY), sorted(by_ending), n=1, cutoff=_NEARLY_THE_SAME)
        if close:
            yield _fault(name, f"did you mean {by_ending[close[0]]}?")


def _misspelt(environment: Environment, readers: list[type[Settings]]) -> Iterator[Fault]:
    """Yield what is nearly a variable that a backend reads under the prefix of its vendor."""
    for reader in readers:
        prefix = reader.model_config.get("env_prefix", "")
        if not prefix or prefix.startswith(PREFIX):
            continue
        for name in sorted(environment):
            is_theirs = name.startswith(PREFIX) or not name.startswith(prefix) or name in OF_VENDORS
            if is_theirs or _is_read(name, readers):
                continue
            meant = _meant(name, prefix, _names(reader), _NEARLY_THE_SAME)
            if meant is not None:
                yield _fault(name, f"did you mean {meant}?")


def _is_read(name: str, readers: Iterable[type[Settings]]) -> bool:
    return any(
        name in _names(reader) or (isinstance(reader, KnowsVariables) and reader.knows(name))
        for reader in readers
    )


def _names(reader: type[Settings]) -> set[str]:
    names: set[str] = set()
    for field, info in reader.model_fields.items():
        variable = reader.variable(field)
        names |= {variable, variable + _FROM_FILE} if is_secret(info) else {variable}
    return names


def _all_settings(definitions: Mapping[str, AnyDefinition]) -> Iterable[type[Settings]]:
    """Import every backend that there is; only a variable that the chosen one does not read leads here."""
    for name in {*definitions, *installed_backends()}:
        try:
            yield find_backend(name, definitions).settings
        except Exception as error:  # noqa: BLE001 - a stranger's import may raise anything; it just does not count
            _log.info("the backend %s cannot be imported: %s", name, type(error).__name__)


def _meant(name: str, prefix: str, known: Iterable[str], cutoff: float) -> str | None:
    # Compared without what all of them share, which would make everything look alike.
    endings = [variable.removeprefix(prefix) for variable in sorted(known) if variable.startswith(prefix)]
    ending = name.removeprefix(prefix).removesuffix(_FROM_FILE)
    close = get_close_matches(ending, endings, n=1, cutoff=cutoff)
    return f"{prefix}{close[0]}" if close else None


def _fault(name: str, fix: str) -> Fault:
    return Fault(name, "is read by nothing", fix)
