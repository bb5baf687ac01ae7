"""What comes of a call that does not succeed.

::

    NetScriptError
    └── CallError
        ├── ProblemReply            the service said no, in the words of its contract
        ├── CallUnavailableError    could not find out: no answer, or the service cannot answer now
        ├── OutOfContractError      an answer came, but none that the contract knows
        └── EndlessPagesError       a list has no end that could be reached
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from netscript_kernel.errors import NetScriptError


class CallError(NetScriptError):
    """Base of everything that comes of a call but its output."""

    reason: ClassVar[str] = "call_failed"


class ProblemReply(CallError):  # noqa: N818 - a reply is what came; ProblemError is the service's side
    """The service said no.

    Attributes:
        operation: Contract and operation, such as ``users.find``.
        status: HTTP status.
        code: Stable, as documented by the contract.
        title: For people, the same for every occurrence.
        detail: For people, about this occurrence.
        data: For programs, such as ``fieldErrors``.
        request_id: Names the request in the service's logs.
        retry_after: When it makes sense to try again, where the service said so.
    """

    reason: ClassVar[str] = "problem_reply"

    def __init__(
        self,
        operation: str,
        *,
        status: int,
        code: str,
        title: str,
        detail: str | None = None,
        data: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        self.operation = operation
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.data = data or {}
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(f"{operation}: {status} {code}: {detail or title}")


class CallUnavailableError(CallError):
    """Could not find out; for a call that changes something, whether it did is unknown.

    Attributes:
        operation: Contract and operation, such as ``users.find``.
        reply: What the service said, where it said something.
        retry_after: When it makes sense to try again, where the service said so.
    """

    reason: ClassVar[str] = "call_unavailable"

    def __init__(self, operation: str, problem: str, reply: ProblemReply | None = None) -> None:
        self.operation = operation
        self.reply = reply
        self.retry_after = reply.retry_after if reply else None
        super().__init__(f"{operation}: {problem}")


class OutOfContractError(CallError):
    """An answer came, but none that the contract knows: another program, another version, a proxy's page.

    Attributes:
        operation: Contract and operation, such as ``users.find``.
        status: HTTP status.
    """

    reason: ClassVar[str] = "out_of_contract"

    def __init__(self, operation: str, status: int, problem: str) -> None:
        self.operation = operation
        self.status = status
        super().__init__(f"{operation}: answer {status} is not in the contract: {problem}")


class EndlessPagesError(CallError):
    """The pages of a list do not come to an end; what came so far was told already."""

    reason: ClassVar[str] = "pages_endless"
