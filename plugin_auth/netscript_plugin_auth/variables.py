"""No variable is ignored: a ``NETSCRIPT_AUTH_*`` that nobody reads is a fault of the configuration.

A settings class knows the variables of its fields, and for secrets the ``_FILE`` ones. One whose names
depend on other values, such as ``NETSCRIPT_AUTH_PROVIDER_<ID>_<FIELD>``, offers ``knows(variable)`` as
well. What only another installed backend reads is no fault, so that backends are swapped by changing
one variable; it is told, though.
"""

import logging
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Protocol, runtime_checkable

from netscript_auth_core.backends import AnyDefinition, find_backend, installed_backends
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import Environment, Settings, is_secret
from netscript_plugin_auth.settings import PREFIX, AuthServiceSettings

_log = logging.getLogger("netscript.auth.configuration")
_FROM_FILE = "_FILE"


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
    drained: Iterable[AnyDefinition] = (),
) -> None:
    """Make sure that somebody reads every ``NETSCRIPT_AUTH_*`` of the environment.

    Args:
        environment: All of it.
        backend: The chosen one; ``None`` where it is not known, so that only the others are asked.
        definitions: Backends beside the installed ones.
        drained: Backends that are opened besides the chosen one.

    Raises:
        ConfigurationError: with every name that nobody reads, and what was perhaps meant.
    """
    chosen = [each for each in (backend, *drained) if each is not None]
    readers: list[type[Settings]] = [AuthServiceSettings, *(each.settings for each in chosen)]
    unread = [name for name in sorted(environment) if name.startswith(PREFIX) and not _is_read(name, readers)]
    if not unread:
        return
    others = list(_all_settings(definitions))
    foreign = [name for name in unread if _is_read(name, others)]
    if foreign and backend is not None:
        _log.warning("set, but read by another backend only: %s", ", ".join(foreign))
    known = sorted({name for reader in (*readers, *others) for name in _names(reader)})
    faults = [_fault(name, known) for name in unread if name not in foreign]
    if faults:
        raise ConfigurationError(faults)


def is_read_by_anybody(variable: str) -> bool:
    """Whether the service or an installed backend reads a variable of this name."""
    return _is_read(variable, [AuthServiceSettings, *_all_settings({})])


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


def _fault(name: str, known: list[str]) -> Fault:
    # Compared without what all of them share, which would make everything look alike.
    endings = [variable.removeprefix(PREFIX) for variable in known if variable.startswith(PREFIX)]
    ending = name.removeprefix(PREFIX).removesuffix(_FROM_FILE)
    close = get_close_matches(ending, endings, n=1, cutoff=0.75)
    fix = f"did you mean {PREFIX}{close[0]}?" if close else "remove it; see the README for what there is"
    return Fault(name, "is read by nothing", fix)
