"""Settings: frozen pydantic-settings models, read from a mapping that the composition root hands over.

Nothing below the composition root reads ``os.environ``. Every secret may come from a file instead
(``NAME_FILE``: a regular one, of at most 64 KiB), a value that is set but empty is a fault, and all faults
are told in one go.
"""

import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from netscript_kernel.errors import ConfigurationError, Fault

Environment = Mapping[str, str]

_MOST_BYTES: Final = 64 * 1024  # of a file with a secret
_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


@dataclass(frozen=True, slots=True)
class Fix:
    """Metadata of a field: what to set, and where to get it. Shown with every fault of the field."""

    text: str


class Settings(BaseSettings):
    """Base of all settings.

    Example::

        class MailSettings(Settings):
            model_config = SettingsConfigDict(env_prefix="ACME_MAIL_")

            sender: Annotated[str, Fix("the address that mails come from")]


        settings = MailSettings.from_environment({"ACME_MAIL_SENDER": "post@acme.example"})
    """

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True, populate_by_name=True)

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the settings from a mapping of environment variables.

        Raises:
            ConfigurationError: with every fault, each naming its variable; never with a value.
        """
        source = _MappingSource(cls, environment)
        values = source()
        faults = list(source.faults)
        try:
            settings = cls(**values)
        except ValidationError as error:
            failed = {fault.variable for fault in faults}
            details = error.errors(include_input=False, include_url=False)
            told = (cls._fault(each, source.is_from_file) for each in details)
            faults.extend(fault for fault in told if fault.variable not in failed)
            raise ConfigurationError(faults) from None
        if faults:
            raise ConfigurationError(faults)
        return settings

    @classmethod
    def variable(cls, field: str) -> str:
        """Return the full name of a field's environment variable."""
        alias = cls.model_fields[field].validation_alias
        if isinstance(alias, str):
            return alias
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leave out the process environment: only what was handed over counts."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @classmethod
    def _fault(cls, details: ErrorDetails, is_from_file: Callable[[str], bool]) -> Fault:
        place = str(details["loc"][0]) if details["loc"] else ""
        names = {cls.variable(name): name for name in cls.model_fields}
        field = names.get(place, place)
        if field not in cls.model_fields:
            return Fault(place or cls.__name__, _problem(details), "see the message")
        variable, problem, fix = cls.variable(field), _problem(details), fix_of(cls.model_fields[field])
        if is_from_file(variable):
            return _fault_of_file(variable, f"names a file whose text {problem}", fix)
        return Fault(variable, problem, fix)


class _UnfitFileError(Exception):
    """A file that holds no secret. Says why, without its name."""


class _MappingSource(PydanticBaseSettingsSource):
    """Values of a model's fields out of a mapping, with ``NAME_FILE`` for secrets."""

    def __init__(self, settings_cls: type[Settings], environment: Environment) -> None:
        super().__init__(settings_cls)
        self._variable = settings_cls.variable
        self._environment = environment
        self._from_files: set[str] = set()
        self.faults: list[Fault] = []

    def is_from_file(self, variable: str) -> bool:
        """Whether a variable's value was to come from a file, so that this is where it is mended."""
        return variable in self._from_files

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the text of one field, or ``None`` where the mapping has none."""
        variable = self._variable(field_name)
        value = self._environment.get(variable)
        path = self._environment.get(f"{variable}_FILE") if is_secret(field) else None
        fix = fix_of(field)
        if value is not None and path is not None:
            self.faults.append(Fault(variable, f"is set, and {variable}_FILE too", "set only one of them"))
            return None, field_name, False
        if path is not None:
            self._from_files.add(variable)
            return self._read(variable, path, fix), field_name, False
        if value is not None and not value.strip():
            self.faults.append(Fault(variable, "is set but empty", f"remove it, or set it: {fix}"))
            return None, field_name, False
        return value, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the texts of all fields that the mapping has."""
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, name)
            if value is not None:
                found[name] = value
        return found

    def _read(self, variable: str, path: str, fix: str) -> str | None:
        try:
            text = _text_of(Path(path)).strip()
        except (OSError, UnicodeDecodeError, _UnfitFileError) as error:
            problem = f"names a file that cannot be read ({_why_unread(error)})"
            self.faults.append(_fault_of_file(variable, problem, fix))
            return None
        if not text:
            self.faults.append(_fault_of_file(variable, "names an empty file", fix))
            return None
        return text


def _fault_of_file(variable: str, problem: str, fix: str) -> Fault:
    return Fault(f"{variable}_FILE", problem, f"a readable text file that holds: {fix}")


def _text_of(path: Path) -> str:
    """Return the text of a file that ends: a pipe may hang, and a device has no end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise _UnfitFileError("it is no regular file")
    with path.open("rb") as file:
        read = file.read(_MOST_BYTES + 1)
    if len(read) > _MOST_BYTES:
        raise _UnfitFileError(f"it has more than {_MOST_BYTES // 1024} KiB")
    return read.decode("utf-8")


def _why_unread(error: OSError | UnicodeDecodeError | _UnfitFileError) -> str:
    # Without the name of the file, which may be a secret that was meant for the other variable.
    if isinstance(error, _UnfitFileError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8 text"
    return error.strerror or type(error).__name__


def is_secret(field: FieldInfo) -> bool:
    """Whether a field holds a secret, so that it may come from a file and is never printed."""
    return "SecretStr" in str(field.annotation) or field.annotation is SecretStr


def fix_of(field: FieldInfo) -> str:
    """Return what the field's :class:`Fix` says, else its description, else a general sentence."""
    for entry in field.metadata:
        if isinstance(entry, Fix):
            return entry.text
    return field.description or "set it"


def parse_duration(value: object) -> object:
    """Read ``30s``, ``15m``, ``24h``, ``7d`` or plain seconds; leave anything else to Pydantic."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*([0-9]{1,9})\s*([smhd]?)\s*", value)
    if match is None:
        raise ValueError("is not a duration such as 30s, 15m, 24h or 7d")
    return int(match[1]) * _UNITS[match[2] or "s"]


def between(shortest: timedelta, longest: timedelta) -> AfterValidator:
    """Hold a duration to its bounds, both of them allowed; a fault tells them as they are written.

    Example::

        keep: Annotated[Duration, between(timedelta(hours=1), timedelta(days=90)), Fix("from 1h to 90d")]
    """

    def check(value: timedelta) -> timedelta:
        if not shortest <= value <= longest:
            raise ValueError(f"is not between {_written(shortest)} and {_written(longest)}")
        return value

    return AfterValidator(check)


def split_commas(value: object) -> object:
    """Read ``a, b`` as two items; leave anything but text to Pydantic."""
    if not isinstance(value, str):
        return value
    return tuple(item.strip() for item in value.split(",") if item.strip())


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
CommaSeparated = Annotated[tuple[str, ...], BeforeValidator(split_commas)]


def gather_faults(errors: Iterable[ConfigurationError]) -> ConfigurationError | None:
    """Join several refusals into one, each fault once, or return ``None`` where there are none."""
    faults = dict.fromkeys(fault for error in errors for fault in error.faults)
    return ConfigurationError(faults) if faults else None


def _written(duration: timedelta) -> str:
    """Return whole seconds as :func:`parse_duration` reads them, in the largest unit that fits."""
    unit = next((name for name, each in _UNITS.items() if duration and not duration % each), "s")
    return f"{duration // _UNITS[unit]}{unit}"


def _problem(details: ErrorDetails) -> str:
    if details["type"] == "missing":
        return "is not set"
    message = details["msg"].removeprefix("Value error, ").rstrip(".")
    return message if message.startswith(("is ", "has ", "names ")) else f"is not valid: {message}"
