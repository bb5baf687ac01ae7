"""The people who can sign in. Each is there to try one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final


class Behaviour(Enum):
    """What happens when this person signs in."""

    NORMAL = "everything works"
    LOCKED = "the sign-in is refused"
    SLOW = "the token endpoint answers late"
    DOWN = "the token endpoint answers 503"
    ROTATES_KEYS = "a new signing key is made for each of this person's id tokens"


@dataclass(frozen=True, slots=True)
class Persona:
    """A made-up person.

    Attributes:
        key: The name used in ``login_hint`` and on the button, such as ``alice``.
        name: The full name.
        purpose: One line for the sign-in page: what this person is good for.
        claims: Whatever else is said; ``email`` and ``email_verified`` need the scope ``email``, the rest
            needs ``profile``.
        behaviour: What goes differently for this person.
    """

    key: str
    name: str
    purpose: str
    claims: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    behaviour: Behaviour = Behaviour.NORMAL

    @property
    def subject(self) -> str:
        """The ``sub`` of every token about this person; stable over restarts."""
        return f"dev|{self.key}"

    @property
    def email(self) -> str | None:
        """The e-mail address, or ``None`` for somebody without one."""
        email = self.claims.get("email")
        return email if isinstance(email, str) else None

    def answers_to(self, hint: str) -> bool:
        """Tell whether a ``login_hint`` means this person, by key or by e-mail address."""
        wanted = hint.strip().lower()
        return wanted in {self.key, (self.email or self.key).lower()}


def _person(
    key: str, name: str, purpose: str, *, verified: bool = True, behaviour: Behaviour = Behaviour.NORMAL
) -> Persona:
    given, _, family = name.partition(" ")
    claims: dict[str, object] = {
        "given_name": given,
        "family_name": family,
        "preferred_username": key,
        "locale": "en-GB",
        "email": f"{key}@example.test",
        "email_verified": verified,
    }
    return Persona(key, name, purpose, MappingProxyType(claims), behaviour)


def _without_email(persona: Persona) -> Persona:
    kept = {name: value for name, value in persona.claims.items() if not name.startswith("email")}
    return Persona(persona.key, persona.name, persona.purpose, MappingProxyType(kept), persona.behaviour)


PERSONAS: Final[tuple[Persona, ...]] = (
    _person("alice", "Alice Example", "The ordinary case: signs in, has a verified e-mail address."),
    _person("bob", "Bob Example", "A second person, to try what one user must not see of another."),
    _person(
        "unverified", "Uma Unverified", "Has an e-mail address that nobody has verified.", verified=False
    ),
    _without_email(_person("no-email", "Noah Nomail", "Has no e-mail address at all.")),
    _person("locked", "Lara Locked", "Is refused: the answer is access_denied.", behaviour=Behaviour.LOCKED),
    _person("slow", "Sam Slow", "The token endpoint takes its time to answer.", behaviour=Behaviour.SLOW),
    _person("down", "Dora Down", "The token endpoint answers 503.", behaviour=Behaviour.DOWN),
    _person(
        "rotating-keys",
        "Rita Rotation",
        "The signing key changes right before the id token is signed.",
        behaviour=Behaviour.ROTATES_KEYS,
    ),
)
"""Everybody who lives here unless :class:`~netscript_dev_provider.config.ProviderConfig` says otherwise."""
