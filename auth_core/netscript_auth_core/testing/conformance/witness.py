"""Watches what a backend says: what it returns, raises and logs, in every form in which that may be shown."""

import logging
import traceback
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
from typing import TypeVar

from netscript_auth_core.errors import AuthError
from netscript_auth_core.ports import Authenticated

T = TypeVar("T")


class Witness(logging.Handler):
    """Remembers texts. Logs are taken at the finest level, while the backend is asked something."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    async def ask(self, question: Awaitable[T]) -> T:
        """Ask, and keep what comes.

        Raises:
            AuthError: as the backend raised it.
        """
        with self._listening():
            try:
                answer = await question
            except AuthError as error:
                self._take_error(error)
                raise
        self.take(answer)
        return answer

    async def ask_in_vain(self, question: Awaitable[object]) -> AuthError:
        """Ask what has to be refused, and return the error."""
        try:
            answer = await self.ask(question)
        except AuthError as error:
            return error
        raise AssertionError(f"{type(answer).__name__} where the backend had to refuse")

    def take(self, value: object) -> None:
        """Keep every form of a value."""
        self.texts += [repr(value), str(value), f"{value!a}"]
        if isinstance(value, Authenticated):
            self.take(value.identity)
            self.take(value.views)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of the log with all of its fields."""
        self.texts += [record.getMessage(), repr(vars(record))]
        if record.exc_info:
            self.texts.append("".join(traceback.format_exception(*record.exc_info)))

    @contextmanager
    def _listening(self) -> Generator[None, None, None]:
        root = logging.getLogger()
        level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.setLevel(level)
            root.removeHandler(self)

    def _take_error(self, error: BaseException) -> None:
        self.texts.append("".join(traceback.format_exception(error)))
        cause: BaseException | None = error
        while cause is not None:
            self.texts += [repr(cause), str(cause), repr(vars(cause))]
            cause = cause.__cause__ or cause.__context__
