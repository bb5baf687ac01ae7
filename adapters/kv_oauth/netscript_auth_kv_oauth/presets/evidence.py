"""How far it is proven that a preset is right."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Quirk(BaseModel):
    """Something that the provider does differently.

    Attributes:
        says: What, in a sentence.
        source: The page that says so, or where it was seen.
        seen: When.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    source: str
    seen: date


class Evidence(BaseModel):
    """What stands behind a preset; a test holds ``proven`` to it.

    Attributes:
        state: ``declared`` where nothing but somebody's word does.
        by: ``capture``: the provider's own metadata or documents, kept with the tests; ``server``: the tests
            run it against a real server; ``emulator``: against somebody else's emulator of it.
        what: In a sentence.
        source: Where the facts are from.
        seen: When.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["proven", "declared"]
    by: tuple[Literal["capture", "server", "emulator"], ...] = ()
    what: str
    source: str
    seen: date
