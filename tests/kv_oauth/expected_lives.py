"""What has to be true of a session over time."""

from dataclasses import dataclass
from datetime import timedelta

from netscript_auth_core.ports import IssuedSession
from netscript_dev_provider.records import SignIn

IDLE, LIFE = timedelta(hours=6), timedelta(hours=30)
UNRECORDED = timedelta(minutes=1)


@dataclass
class Life:
    """What has to be true of one session.

    Attributes:
        at_provider: What its provider knows of it.
        used: When it was last used, as far as that is sure to have been recorded.
        asked: When somebody last asked for it, which may have been recorded.
        signed_out_at: When somebody ended it, if somebody did.
        is_replaced: Whether a new sign-in took its place.
        is_ended_at_provider: Whether its provider was told to end it, so that the session may end.
        may_have_lost_a_token: Whether the provider may have sent one that never arrived.
        is_over: Whether it was ever found to have ended.
    """

    issued: IssuedSession
    person: str
    at_provider: SignIn
    begun: timedelta
    used: timedelta
    asked: timedelta
    signed_out_at: timedelta | None = None
    is_replaced: bool = False
    is_ended_at_provider: bool = False
    may_have_lost_a_token: bool = False
    is_over: bool = False

    @property
    def handle(self) -> str:
        return self.issued.session.handle

    @property
    def is_ended_here(self) -> bool:
        return self.signed_out_at is not None or self.is_replaced

    def may_be_over(self, now: timedelta) -> bool:
        """Whether there is a reason for it to have ended."""
        return self.is_ended_here or self.is_ended_at_provider or self.may_have_expired(now)

    def may_have_expired(self, now: timedelta) -> bool:
        return now >= min(self.used + IDLE - UNRECORDED, self.begun + LIFE)
