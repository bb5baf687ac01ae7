"""What is to be said of the store that is configured: in the log at the start, and by the doctor."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from netscript_auth_core.checks import Finding, Severity
from netscript_kernel.kv.urls import VARIABLE, is_store_in_clear, store_file
from netscript_plugin_auth.settings import AuthServiceSettings


def store_findings(settings: AuthServiceSettings) -> Iterator[Finding]:
    """Yield what is less than it should be about the store's URL, without looking into the store."""
    url = settings.kv_url.get_secret_value()
    if settings.is_production and urlsplit(url).scheme == "memory":
        problem = f"{VARIABLE} names a store in memory: every session ends with the process"
        yield Finding(Severity.WARNING, problem, "name a file by sqlite:, or a server by rediss:")
    path = store_file(url, data_dir=settings.data_dir)
    if settings.is_production and path is not None and not path.is_absolute():
        problem = (
            f"{VARIABLE} names a file below the working directory, {Path.cwd()}: started from another one, "
            "the service finds nobody signed in"
        )
        yield Finding(Severity.WARNING, problem, "name it by four slashes: sqlite:////var/lib/...")
    if is_store_in_clear(url):
        problem = (
            f"{VARIABLE} names a Redis server on another machine without TLS: its password and the sessions "
            "cross the network in clear"
        )
        yield Finding(Severity.WARNING, problem, "use rediss://, unless that network is yours alone")
