"""SealingKeys: what needs keys asks for this port; ``netscript_kernel.keyring`` keeps it."""

from typing import Protocol


class SealingKeys(Protocol):
    """Seals stored secrets and gives signing keys, with rotation behind it."""

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of all keys, current first; they tell nothing about the keys."""
        ...

    def key_id(self, sealed: bytes) -> str | None:
        """Return the id of the key that sealed this, configured or not; ``None`` where nothing was sealed."""
        ...

    def seal(self, plaintext: bytes, *, purpose: str, record_id: str) -> bytes:
        """Encrypt so that it opens for this purpose and record only."""
        ...

    def open(self, sealed: bytes, *, purpose: str, record_id: str) -> bytes:
        """Decrypt what was sealed for the same purpose and record.

        Raises:
            SealError: tampered with, moved from another record, or sealed by a key not here.
        """
        ...

    def is_current(self, sealed: bytes) -> bool:
        """Whether the current key sealed this, so that it need not be sealed anew."""
        ...

    def signing_keys(self, purpose: str) -> list[bytes]:
        """Return signing keys for a purpose, oldest first and current last."""
        ...
