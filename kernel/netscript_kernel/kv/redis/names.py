"""What the store's keys are called on the server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Names that begin alike, so that services share a server without meeting.

    Attributes:
        prefix: With braces, a cluster's hash tag: all keys of a store lie together in any kind of cluster.
        record: What the name of a record begins with; its key follows.
    """

    prefix: bytes
    record: bytes


def names_below(prefix: str, part: str = "") -> Names:
    """Return the names of a store.

    Args:
        prefix: As the operator chose it.
        part: A space of its own below it, such as ``probe:``.
    """
    full = f"{{{prefix}}}:{part}".encode()
    return Names(full, full + b"r:")
