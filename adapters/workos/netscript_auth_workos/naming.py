"""What this backend is called."""

from typing import Final

BACKEND: Final = "workos"
