"""What travels: models of inputs and outputs, and the media types that they travel as."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class WireModel(BaseModel):
    """Base of everything that travels: immutable, snake_case in Python, camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    def to_wire(self) -> bytes:
        """Encode as JSON; fields that are ``None`` are left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class InputModel(WireModel):
    """Base of request bodies: a field that nobody reads is refused, never dropped."""

    model_config = ConfigDict(extra="forbid")


class Nothing(WireModel):
    """Input or output of an operation that has none."""


class Redirect(WireModel):
    """Output of an operation that sends a browser elsewhere.

    Attributes:
        location: Where to, absolute or a path of the service.
    """

    location: str
