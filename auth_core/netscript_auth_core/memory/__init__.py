"""The reference backend: every sentence of the port kept in little code, for tests and for embedding.

Read it in this order: ``backend`` (the whole), ``tokens``, ``sessions``, ``signin``, ``signout``,
``upstream_logout``; ``storage`` and ``provider`` stand for the database and for the identity provider that a
real one talks to. It forgets everybody when the process ends and lets in whoever is named, so it is installed
under no name and refuses to open in production.
"""

from netscript_auth_core.memory.backend import MemoryAuthBackend
from netscript_auth_core.memory.definition import definition
from netscript_auth_core.memory.provider import PretendProvider
from netscript_auth_core.memory.settings import MemoryBackendSettings
from netscript_auth_core.memory.storage import Storage

__all__ = ["MemoryAuthBackend", "MemoryBackendSettings", "PretendProvider", "Storage", "definition"]
