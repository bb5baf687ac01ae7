"""A provider inside a test: no network, no browser, time that stands still. Needs the extra ``testing``."""

from netscript_dev_provider.testing.dev_provider import DevProvider, UnexpectedPageError

__all__ = ["DevProvider", "UnexpectedPageError"]
