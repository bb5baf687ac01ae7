"""Writes the package of a new adapter: the templates of ``adapter_template/`` with its names filled in."""

import re
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from netscript_auth_core.backends import installed_backends
from netscript_kernel.errors import NetScriptError
from netscript_plugin_auth.own_backends import OWN_BACKENDS
from netscript_plugin_auth.variables import is_read_by_anybody

_TEMPLATES: Final = Path(__file__).parent / "adapter_template"
_SUFFIX: Final = ".jinja"
_WORD: Final = re.compile(r"[a-z0-9]+")
_LONGEST: Final = 30
# What the settings of the template read; a test holds this to it.
_FIELDS: Final = ("URL", "API_KEY", "API_KEY_FILE", "COOKIE", "SIGN_IN_URL")


class AdapterRefusedError(NetScriptError):
    """The package cannot be written; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class AdapterNames:
    """The names of one adapter, as the templates use them."""

    name: str
    distribution: str
    package: str
    cls: str
    title: str
    prefix: str
    cookie: str

    @classmethod
    def of(cls, name: str) -> "AdapterNames":
        """Return the names that follow from the backend's.

        Raises:
            AdapterRefusedError: it cannot be one, or is somebody else's.
        """
        _check(name)
        words, snake = name.split("-"), name.replace("-", "_")
        names = cls(
            name=name,
            distribution=f"{name}-netscript",
            package=f"{snake}_netscript",
            cls="".join(map(str.capitalize, words)),
            title=" ".join(map(str.capitalize, words)),
            prefix=f"NETSCRIPT_AUTH_{snake.upper()}_",
            cookie=f"{snake}_session",
        )
        names.check_variables()
        return names

    def check_variables(self) -> None:
        """Refuse a name whose variables somebody reads already.

        Raises:
            AdapterRefusedError: says which.
        """
        taken = [name for name in (self.prefix + field for field in _FIELDS) if is_read_by_anybody(name)]
        if taken:
            raise AdapterRefusedError(
                f"It would read {taken[0]}, which is read already. Choose another name."
            )


def write_package(names: AdapterNames, into: Path) -> Path:
    """Write the package into a new folder of its name, and return that: all of it, or nothing.

    Raises:
        AdapterRefusedError: something of that name is there, or it cannot be written.
    """
    target = into / names.name
    if not into.is_dir():
        raise AdapterRefusedError(f"{into} is no folder. Make it first, or name another by --into.")
    if target.exists() or target.is_symlink():
        raise AdapterRefusedError(
            f"{target} is there already, and nothing was written. Choose another name, or a folder by --into."
        )
    try:
        with TemporaryDirectory(prefix=f".{names.name}-", dir=into) as beside:
            written = Path(beside) / names.name
            for path, text in _rendered(names).items():
                (written / path).parent.mkdir(parents=True, exist_ok=True)
                (written / path).write_text(text, encoding="utf-8")
            written.rename(target)
    except OSError as error:
        raise AdapterRefusedError(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _fits(name: str) -> bool:
    """Whether it is a distribution's name as PEP 503 normalises it, that Python can import as well."""
    return "a" <= name[:1] <= "z" and len(name) <= _LONGEST and all(map(_WORD.fullmatch, name.split("-")))


def _check(name: str) -> None:
    if not _fits(name):
        likely = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:_LONGEST].strip("-")
        meant = f" Did you mean {likely}?" if _fits(likely) and _whose(likely) is None else ""
        raise AdapterRefusedError(
            f"{name[:_LONGEST]!r} cannot be the name of a backend: it has lower-case letters, digits and "
            f"single hyphens, a letter first, at most {_LONGEST} characters.{meant}"
        )
    taken = _whose(name)
    if taken is not None:
        raise AdapterRefusedError(taken)


def _whose(name: str) -> str | None:
    """Return what is to be said of a name that is taken, and ``None`` of one that is free."""
    if name in OWN_BACKENDS or name.startswith("netscript"):
        return f"{name} is a name of NetScript's own. Choose another."
    if name in installed_backends():
        return f"A backend named {name} is installed already. Choose another name."
    return None


def _rendered(names: AdapterNames) -> dict[Path, str]:
    """Return every file of the package, by its path within it."""
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,  # noqa: S701 - Python and Markdown, and names that were checked
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    values = {**asdict(names), "core_version": version("netscript-auth-core")}
    found = sorted(_TEMPLATES.rglob(f"*{_SUFFIX}"))
    paths = [path.relative_to(_TEMPLATES).as_posix() for path in found]
    return {_place(path, names): templates.get_template(path).render(values) for path in paths}


def _place(template: str, names: AdapterNames) -> Path:
    path = template.removesuffix(_SUFFIX)
    if path == "gitignore":
        return Path(".gitignore")
    if path == "tests/test_package.py":
        return Path("tests") / f"test_{names.package.removesuffix('_netscript')}.py"
    folder, _, rest = path.partition("/")
    return Path(names.package) / rest if folder == "package" else Path(path)
