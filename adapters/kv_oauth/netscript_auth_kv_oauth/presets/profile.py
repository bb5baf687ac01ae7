"""How a provider says who a person is, as data: everything after the tokens."""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

# Names joined by dots; a number picks from a list. A parameter in braces stands for a path of the operator's.
Path: TypeAlias = Annotated[
    str, Field(pattern=r"^(?:\{[a-z_]+\}|[A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*)$", max_length=128)
]


class EmailTrust(StrEnum):
    """When the provider's word that an address is the person's counts."""

    CLAIM = "claim"
    ALWAYS = "always"
    NEVER = "never"


class Userinfo(BaseModel):
    """How the person is asked for.

    Attributes:
        source: ``token_response`` where the person comes along with the tokens.
        method: Of the request, which carries the access token.
        headers: Sent along.
        form: Sent instead of the access token, with ``{id_token}``, ``{client_id}`` and ``{nonce}`` for what
            these are: a provider that verifies its id tokens itself.
        expects: Members that the answer must have, with the same words in braces.
        root: Where in the answer the person is; the answer itself where it is left out.
        ok_member: A member that is ``true`` unless the answer is a refusal with status 200.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["endpoint", "token_response"] = "endpoint"
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = {}
    form: dict[str, str] = {}
    expects: dict[str, str] = {}
    root: Path | None = None
    ok_member: str | None = None


class EmailCall(BaseModel):
    """A second request, for the addresses of a person.

    Attributes:
        endpoint: Asked as userinfo is.
        root: Where in the answer the list is; each entry has an ``email``.
        primary: Whether an entry is the one that counts; others are passed over.
        verified: Whether the provider asserts that the person controls it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str
    root: Path | None = None
    primary: Path
    verified: Path


class Profile(BaseModel):
    """Where what we keep of a person stands.

    Attributes:
        subject: Who it is, for ever; a number becomes its digits.
        email: The address.
        email_trust: When the address counts as verified.
        email_verified: The claims that say so, all of them, by ``true``.
        email_verified_also: What says so too, such as the text ``"true"`` or the number 1.
        name: The first of them that is there.
        picture: A path, or an address with paths in braces; empty where there is none for a browser.
        name_from_callback: The name comes with the first callback, as Apple's does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: Path = "sub"
    email: Path = "email"
    email_trust: EmailTrust = EmailTrust.CLAIM
    email_verified: tuple[Path, ...] = ("email_verified",)
    email_verified_also: tuple[str | int, ...] = ()
    name: tuple[Path, ...] = ("name",)
    picture: str = "picture"
    name_from_callback: bool = False
