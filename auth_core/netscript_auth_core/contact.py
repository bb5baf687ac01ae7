"""One contact with an identity: what the store knows of it, and whose it therefore is."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from netscript_auth_core.account_links import account_of, with_listed, with_profile
from netscript_auth_core.domain import AuthUser, ExternalIdentity
from netscript_kernel.kv.port import Check, Entry

_log = logging.getLogger("netscript.auth")


class KnownUser(NamedTuple):
    """A person as read, with the version of the record."""

    user: AuthUser
    version: int


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A key that may lead to a person, as it was read.

    Attributes:
        link: The record there, if any.
        known: Whom it leads to; ``None`` where that is nobody, or nobody any more.
        was_removed: It is an account that leads to nobody because somebody took it out of a person: it is
            joined to nobody again, and begins somebody new once it is seen itself.
    """

    key: str
    link: Entry | None
    known: KnownUser | None
    was_removed: bool = False

    @property
    def check(self) -> Check:
        """That it is still as it was read."""
        return Check(self.key, self.link.version if self.link else None)


@dataclass(frozen=True, slots=True)
class Contact:
    """An identity with everything that may lead to its person.

    Attributes:
        own: Of its issuer and subject.
        listed: Accounts that the upstream lists as the same person's.
        address: Of its e-mail address, where that may join people.
    """

    identity: ExternalIdentity
    own: Claim
    listed: Sequence[tuple[Claim, ExternalIdentity]]
    address: Claim | None

    def find_home(self) -> KnownUser | None:
        """Return whose it is: its own person, else the one that is listed, else the one with its address.

        ``None`` where that is nobody, as for an account that was taken out of a person. Where what the
        upstream lists as one person's leads to different people, the log says so.
        """
        if self.own.was_removed:
            return None
        every = [self.own, *(claim for claim, _ in self.listed)]
        people = {claim.known.user.id: claim.known for claim in every if claim.known is not None}
        if len(people) > 1:
            # Somebody has to say which of them it is; a guess could give one of them to the other.
            _log.warning(
                "accounts that the upstream lists as one person's lead to different people here (%s), and "
                "are left apart until somebody joins them",
                ", ".join(sorted(people)),
            )
            return self.own.known
        if people:
            return next(iter(people.values()))
        return self.address.known if self.address is not None else None

    @property
    def unclaimed(self) -> list[Claim]:
        """What leads to nobody, and will lead to this person."""
        every = [self.own, *(claim for claim, _ in self.listed if not claim.was_removed)]
        if self.address is not None:
            every.append(self.address)
        return [claim for claim in every if claim.known is None]

    def applied_to(self, user: AuthUser) -> AuthUser:
        """Return a person with what this contact tells."""
        user = with_profile(user, self.identity)
        for claim, account in self.listed:
            if claim.known is None and not claim.was_removed:
                user = with_listed(user, account_of(account))
        return user
