"""What a backend knows of providers that nobody has configured yet, as data, for those who choose one."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVariable:
    """One thing to set.

    Attributes:
        name: Of the environment variable, where there is one provider.
        name_of_several: The same where there are several.
        meaning: What to set, and where to find it.
        value: The value itself, where there is only one.
        default: What it is where nothing is set.
        is_required: Whether it has to be set.
        is_secret: Whether it may come from a file, named by the same name with ``_FILE`` at its end.
    """

    name: str
    name_of_several: str
    meaning: str
    value: str | None = None
    default: str | None = None
    is_required: bool
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class KnownQuirk:
    """What a provider does differently, in a sentence; which page says so; when it was seen."""

    says: str
    source: str
    seen: date


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvidence:
    """How far it is proven that what is known is right.

    Attributes:
        state: ``proven`` or ``declared``.
        by: What proves it, such as ``capture`` or ``server``.
        what: In a sentence.
        source: Where the facts are from.
        seen: When.
    """

    state: str
    by: tuple[str, ...]
    what: str
    source: str
    seen: date


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProvider:
    """A provider that can be configured by its name.

    Attributes:
        id: Its name.
        kind: ``oidc`` or ``oauth2``.
        console: Where an operator registers this service: an address, or words.
        scopes: Asked for unless configured otherwise.
        variables: What to set.
        notes: How it behaves, in a sentence each.
        quirks: What it does differently.
    """

    id: str
    display_name: str
    kind: str
    console: str
    scopes: tuple[str, ...]
    variables: tuple[KnownVariable, ...]
    notes: tuple[str, ...]
    quirks: tuple[KnownQuirk, ...]
    evidence: KnownEvidence
