"""An event sink that remembers."""

from netscript_auth_core.events import AuthEvent


class RecordedEvents:
    """Keeps events in the order in which they came."""

    def __init__(self) -> None:
        self.taken: list[AuthEvent] = []

    def emit(self, event: AuthEvent) -> None:
        """Keep one event."""
        self.taken.append(event)
