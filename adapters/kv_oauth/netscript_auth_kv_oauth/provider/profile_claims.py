"""From a provider's claims to what we keep of a person: few fields, each of its type and its length."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from netscript_auth_core.domain import MOST_NAME, MOST_SUBJECT, ExternalIdentity
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.profile import EmailTrust
from netscript_auth_kv_oauth.provider.email_addresses import EmailAddress, read_email
from netscript_auth_kv_oauth.provider.id_token_claims import is_subject
from netscript_kernel.addresses import address_problem
from netscript_kernel.json_documents import find, read_json

MOST_CALLBACK_CHARACTERS: Final = 2048
_PLACE: Final = re.compile(r"\{([^{}]+)\}")
_WORD: Final = re.compile(rf"[A-Za-z0-9._~-]{{1,{MOST_SUBJECT}}}")


class Claims:
    """What a provider says of a person, read by the paths of its preset.

    Args:
        config: The provider.
        documents: What it said, the most reliable first: id token, userinfo.
    """

    def __init__(self, config: ProviderConfig, *documents: Mapping[str, object]) -> None:
        self._config = config
        self._profile = config.preset.profile
        self._documents = documents

    @property
    def is_complete(self) -> bool:
        """Whether name and address are there, so that nothing more need be asked."""
        return self._claimed_email() is not None and self._name() is not None

    def subject(self) -> str:
        """Return who it is; a number is its digits.

        Raises:
            FlowRefusedError: nobody, or nothing that names a person for ever.
        """
        path = self._config.filled(self._profile.subject)
        value = find(self._documents[0], path)
        is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
        text = str(value) if is_number or isinstance(value, str) else ""
        if is_subject(text):
            return text
        raise FlowRefusedError(
            FlowReason.SUBJECT_INVALID,
            expected=f"{path} of 1 to {MOST_SUBJECT} visible ASCII characters, or a whole number",
            seen="none" if value is None else type(value).__name__,
            provider_id=self._config.id,
        )

    def identity(
        self,
        issuer: str,
        subject: str,
        *,
        email: EmailAddress | None = None,
        from_callback: str | None = None,
    ) -> ExternalIdentity:
        """Return the identity that the claims describe. They can name no issuer, no role and no id of ours.

        Args:
            issuer: Who vouches.
            subject: As checked.
            email: As told by a second request.
            from_callback: What came with the callback, through the browser: good for a name.
        """
        told = email or self._claimed_email()
        name = self._name()
        if name is None and self._profile.name_from_callback:
            name = _name_from(from_callback)
        return ExternalIdentity(
            issuer=issuer,
            subject=subject,
            provider_id=self._config.id,
            email=told.address if told else None,
            email_verified=bool(
                told and told.is_verified and self._profile.email_trust is not EmailTrust.NEVER
            ),
            name=name,
            picture=next(filter(None, map(self._picture, self._documents)), None),
        )

    def _claimed_email(self) -> EmailAddress | None:
        for document in self._documents:
            address = read_email(self._find(document, self._profile.email))
            if address is not None:
                # A verification counts only together with the address that it is about.
                return EmailAddress(address, self._is_verified(document))
        return None

    def _is_verified(self, document: Mapping[str, object]) -> bool:
        if self._config.preset.email_call is not None:
            return False  # that request alone says which address is proven
        if self._profile.email_trust is EmailTrust.ALWAYS:
            return True
        return all(self._says_yes(find(document, path)) for path in self._profile.email_verified)

    def _says_yes(self, value: object) -> bool:
        also = self._profile.email_verified_also
        # True is 1 to Python; here each counts only where it is meant.
        return value is True or any(type(value) is type(each) and value == each for each in also)

    def _name(self) -> str | None:
        found = (
            _name(self._find(document, path)) for document in self._documents for path in self._profile.name
        )
        return next(filter(None, found), None)

    def _picture(self, document: Mapping[str, object]) -> str | None:
        template = self._profile.picture
        if not template:
            return None
        value = _filled(template, document) if "://" in template else find(document, template)
        if not isinstance(value, str) or not value.startswith("https://"):
            return None
        return value if address_problem(value, allow_loopback_http=False) is None else None

    def _find(self, document: Mapping[str, object], path: str) -> object:
        return find(document, self._config.filled(path))


def _name(value: object) -> str | None:
    """Return a name without control characters, cut to its length, or ``None`` where there is none."""
    if not isinstance(value, str):
        return None
    visible = "".join(character if character.isprintable() else " " for character in value)
    return " ".join(visible.split())[:MOST_NAME].strip() or None


def _name_from(user: str | None) -> str | None:
    """Return the name in Apple's ``user``. The person could have written anything there; it is their name."""
    if user is None or len(user) > MOST_CALLBACK_CHARACTERS:
        return None
    content = read_json(user.encode("utf-8", "replace"))
    parts: Sequence[object] = [find(content, f"name.{part}") for part in ("firstName", "lastName")]
    return _name(" ".join(part for part in parts if isinstance(part, str)))


def _filled(template: str, document: Mapping[str, object]) -> str | None:
    """Return an address with claims in it, or ``None`` where one is no plain word."""
    words = {path: find(document, path) for path in _PLACE.findall(template)}
    if not all(isinstance(word, str | int) and _WORD.fullmatch(str(word)) for word in words.values()):
        return None
    return _PLACE.sub(lambda match: str(words[match[1]]), template)
