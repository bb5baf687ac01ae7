"""How far a comparison goes before it says that it cannot be made."""


class TooLargeError(Exception):
    """Raised where two schemas would have to be compared at more places than anybody waits for."""


class Budget:
    """Counts what has been done.

    Args:
        most: What may be done in all.
    """

    def __init__(self, most: int) -> None:
        self._left = most

    def spend(self, steps: int = 1) -> None:
        """Count some steps.

        Raises:
            TooLargeError: they are too many.
        """
        self._left -= steps
        if self._left < 0:
            raise TooLargeError
