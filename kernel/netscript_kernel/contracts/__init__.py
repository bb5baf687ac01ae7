"""An API as data: the server binds handlers to it, the typed client is derived from the same object.

::

    class UsersV1(Contract, name="users", version="v1", prefix="/api/v1/users"):
        find = get("/{user_id}").input(FindUser).output(User).problems(NOT_FOUND)


    user = await connect(UsersV1, base_url).find(user_id="usr_1")  # typed: User
"""

from netscript_kernel.contracts.contract import Contract
from netscript_kernel.contracts.operations import (
    AnyOperation,
    Caller,
    Method,
    Operation,
    delete,
    get,
    operation,
    post,
)
from netscript_kernel.contracts.problems import (
    BAD_REQUEST,
    CONTENT_TOO_LARGE,
    FORBIDDEN,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    RATE_LIMITED,
    REQUEST_TIMEOUT,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_ERROR,
    ProblemSpec,
)
from netscript_kernel.contracts.wire import FORM, JSON, InputModel, Nothing, Redirect, WireModel

__all__ = [
    "BAD_REQUEST",
    "CONTENT_TOO_LARGE",
    "FORBIDDEN",
    "FORM",
    "INTERNAL",
    "JSON",
    "METHOD_NOT_ALLOWED",
    "NOT_FOUND",
    "RATE_LIMITED",
    "REQUEST_TIMEOUT",
    "UNAUTHORIZED",
    "UNAVAILABLE",
    "UNSUPPORTED_MEDIA_TYPE",
    "VALIDATION_ERROR",
    "AnyOperation",
    "Caller",
    "Contract",
    "InputModel",
    "Method",
    "Nothing",
    "Operation",
    "ProblemSpec",
    "Redirect",
    "WireModel",
    "delete",
    "get",
    "operation",
    "post",
]
