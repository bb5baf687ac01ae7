"""Everything that is logged, as loud as it gets, with every field of each record."""

import logging
import traceback
from typing import Self

from typing_extensions import override

# Not ours: the provider's own, and what production turns down because it writes whole addresses.
_NOT_OURS = ("netscript_dev_provider", "authlib", "httpx", "httpcore", "asyncio")


class Logbook(logging.Handler):
    """Listens while the block lasts.

    Attributes:
        texts: One for each record, with its fields and its traceback.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []
        self._level_before = logging.WARNING

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._level_before = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.setLevel(self._level_before)
        root.removeHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(_NOT_OURS):
            return
        told = [record.getMessage(), repr(vars(record))]
        if record.exc_info:
            told += traceback.format_exception(*record.exc_info)
        self.texts.append("\n".join(told))
