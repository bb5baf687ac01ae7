"""Runs a command's work beside the service, with what its configuration names, and tells what went wrong."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from netscript_auth_core.errors import BackendUnavailableError, OperationUnsupportedError
from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_kernel.ids import new_id
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.kv.urls import open_store
from netscript_kernel.request_context import REQUEST_ID
from netscript_plugin_auth.configuration import Configuration, as_the_service_reads_it, read_configuration
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.opening import Opened, opened_parts
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.shared_store import USUAL_STORE, require_a_shared_store

FAILED: Final = 1

Work = Callable[[Opened], Coroutine[Any, Any, int]]
StoreWork = Callable[[AuthServiceSettings, KvStorePort], Coroutine[Any, Any, int]]


def run_beside(work: Work, *, may_be_new: bool = False, if_none: str = USUAL_STORE) -> int:
    """Do the work, and return its exit code, or 1 where a store or a backend does not let it.

    The events of it have one ``request_id``, such as ``cmd_Vb3...``, as those of a request have.

    Args:
        work: Gets what the configuration of the service names.
        may_be_new: Whether a store that is not there yet is made.
        if_none: What to do where there is none.

    Raises:
        ConfigurationError: with every fault there is.
    """
    configuration = _configured(may_be_new=may_be_new, if_none=if_none)

    async def with_parts() -> int:
        REQUEST_ID.set(new_id("cmd"))
        async with opened_parts(configuration) as parts:
            return await work(parts)

    return _run(with_parts())


def run_on_store(work: StoreWork) -> int:
    """The same with the store alone: no backend is opened."""
    settings = _configured().service

    async def with_store() -> int:
        url = settings.kv_url.get_secret_value()
        store = await open_store(url, SystemClock(), data_dir=settings.data_dir)
        try:
            return await work(settings, store)
        finally:
            await store.aclose()

    return _run(with_store())


def _configured(*, may_be_new: bool = False, if_none: str = USUAL_STORE) -> Configuration:
    configuration = read_configuration(as_the_service_reads_it(process_environment()))
    require_a_shared_store(configuration.service, may_be_new=may_be_new, if_none=if_none)
    return configuration


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(work)
    except (
        StoreUnavailableError,
        StoreCorruptError,
        BackendUnavailableError,
        OperationUnsupportedError,
    ) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
