"""Key-value store: the port in ``port``, adapters beside it, the conformance kit in ``testing``."""
