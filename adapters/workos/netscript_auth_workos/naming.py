"""What this backend is called, and the one provider that people sign in with."""

from typing import Final

BACKEND: Final = "workos"
PROVIDER: Final = "authkit"
