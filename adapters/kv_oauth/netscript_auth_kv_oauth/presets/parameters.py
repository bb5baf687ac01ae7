"""What of a provider only the operator knows: a domain, a tenant, a realm, a signing key."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from pydantic import BaseModel, ConfigDict, SecretStr

_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Values: TypeAlias = Mapping[str, str | SecretStr]


class ParameterKind(StrEnum):
    """What a value is: it is put into addresses, so it may not lead them elsewhere."""

    HOST = "host"
    SEGMENT = "segment"
    ADDRESS = "address"
    CLAIM = "claim"
    LIST = "list"
    PEM = "pem"


_SHAPES: Final = {
    ParameterKind.HOST: (_HOST, "is not a host name, without https:// and without a path"),
    ParameterKind.SEGMENT: (r"[A-Za-z0-9._~-]*[A-Za-z0-9][A-Za-z0-9._~-]*", "is not one plain word"),
    ParameterKind.ADDRESS: (r"https?://\S+", "is not an absolute URL"),
    ParameterKind.CLAIM: (r"[A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*", "is not the name of a claim"),
    ParameterKind.LIST: (r"[A-Za-z0-9._~-]+(?:,[A-Za-z0-9._~-]+)*", "is not a list separated by commas"),
    ParameterKind.PEM: (
        r"(?s)\s*-----BEGIN [A-Z ]+-----.+-----END [A-Z ]+-----\s*",
        "is not a key in PEM form",
    ),
}


class Parameter(BaseModel):
    """One of them.

    Attributes:
        kind: What it is.
        fix: What to set, and where to find it.
        pattern: What it has to look like beyond its kind.
        default: What it is where nothing is said.
        required: Whether it has to be set, where it has no default.
        example: A valid one, for documents and tests.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ParameterKind
    fix: str
    pattern: str | None = None
    default: str | None = None
    required: bool = True
    example: str

    @property
    def is_secret(self) -> bool:
        """Whether it may come from a file, and is shown nowhere."""
        return self.kind is ParameterKind.PEM

    @property
    def advice(self) -> str:
        """What to set, with an example where that can be shown."""
        return self.fix if self.is_secret else f"{self.fix}, such as {self.example}"

    def problem(self, value: str) -> str | None:
        """Return what is wrong with a value, in words that do not repeat it, or ``None``."""
        shape, words = _SHAPES[self.kind]
        if not re.fullmatch(shape, value):
            return words
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return "does not look like one"
        return None


def names_in(template: str) -> frozenset[str]:
    """Return the names of the parameters in an address such as ``https://{domain}/oauth2``."""
    return frozenset(_PLACEHOLDER.findall(template))


def fill(template: str, values: Values) -> str:
    """Return the address with its parameters; a name without a value stays as it is, for checks to find."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        return found if isinstance(found, str) else match[0]

    return _PLACEHOLDER.sub(value, template)
