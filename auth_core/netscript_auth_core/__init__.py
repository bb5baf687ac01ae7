"""The seam that auth stands on: a port, its domain, its contract, and the kit that proves an adapter.

An adapter imports ``netscript_auth_core.ports``, ``.domain``, ``.errors`` and ``.backends``; its tests
inherit ``netscript_auth_core.testing.AuthBackendConformance``. ``netscript_auth_core.memory`` is the port
kept in little code, to be read first.
"""
