"""The KvStore in one SQLite file, shared by any number of processes of one machine.

Reads of one record happen in the event loop, on a connection that never waits. Everything else happens in
two threads: one writes, and joins what waits into one transaction; one does the longer reads.
"""

from netscript_kernel.kv.sqlite.connections import Synchronous
from netscript_kernel.kv.sqlite.store import SqliteKvStore, open_sqlite_store

__all__ = ["SqliteKvStore", "Synchronous", "open_sqlite_store"]
