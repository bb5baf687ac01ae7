"""What auth-api is compared with, installed each in a place of its own."""

import subprocess
from pathlib import Path

_SCRIPT = Path(__file__).parents[2] / "scripts" / "lib" / "benchmark_peers.sh"


def install_peers() -> Path:
    """Install better-auth and fastapi-users where they are missing; return the Python of fastapi-users."""
    ran = subprocess.run([_SCRIPT], stdout=subprocess.PIPE, text=True, check=True)
    return Path(ran.stdout.strip())
