"""Whether what a service was given keeps its port: a slip is told where it is, with what to write instead."""

from collections.abc import Sequence


def require_methods(given: object, methods: Sequence[str], taker: str, example: str) -> None:
    """Make sure that an object has the methods of a port.

    Args:
        given: Anything.
        methods: Of the port.
        taker: The function that takes it.
        example: What somebody may give it.

    Raises:
        TypeError: it lacks one, or is a class or function that was to be called.
    """
    missing = [each for each in methods if not callable(getattr(given, each, None))]
    name = getattr(given, "__name__", None)
    if isinstance(given, type) or (missing and callable(given) and name):
        raise TypeError(f"{taker} got {name} itself, uncalled. Fix: {taker}({name}())")
    if missing:
        problem = f"{taker} got something of type {type(given).__name__}, which has no {', '.join(missing)}"
        raise TypeError(f"{problem}. Fix: give it such as {taker}({example})")
