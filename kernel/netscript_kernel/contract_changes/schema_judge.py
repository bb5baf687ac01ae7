"""What comparing unions and objects needs: somebody who compares what is in them."""

from typing import Any, Protocol

from netscript_kernel.contract_changes.alternatives import Alternative
from netscript_kernel.contract_changes.change import Difference, Effect, Side


class SchemaJudge(Protocol):
    """Compares schemas and alternatives of one side."""

    side: Side

    def compare(self, old: Any, new: Any, place: str, *, ignores_null: bool = False) -> list[Difference]:
        """Return all differences of one schema from the other."""
        ...

    def allows_null(self, old: Any, new: Any) -> tuple[bool, bool]:
        """Whether each of two schemas says that it allows ``null``."""
        ...

    def one(self, old: Alternative, new: Alternative, place: str) -> list[Difference]:
        """Return all differences of one alternative from another."""
        ...

    def is_same(self, old: Alternative, new: Alternative) -> bool:
        """Whether two alternatives say the same."""
        ...

    def has_effect(self, old: Alternative, new: Alternative, effect: Effect) -> bool:
        """Whether going from one alternative to another has an effect, or might have."""
        ...
