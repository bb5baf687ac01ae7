"""A PostgreSQL server of the tests' own, from a wheel, on a socket in a folder of its own."""

import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database."""
    with pytest.MonkeyPatch.context() as patch:
        # Where the package keeps its locks; without it, it warns.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pgserver.postgres_server import get_server

        # Not a folder of pytest's: the server runs as a user of its own where we are root.
        with tempfile.TemporaryDirectory() as folder, get_server(folder) as server:
            yield server.get_uri()
