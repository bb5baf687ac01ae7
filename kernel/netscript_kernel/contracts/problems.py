"""Ways in which an operation says no, and those that many have in common."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemSpec:
    """One way in which an operation says no (RFC 9457).

    Attributes:
        code: Stable, upper case, for programs.
        status: HTTP status.
        title: Short, the same for every occurrence, for people.
    """

    code: str
    status: int
    title: str


VALIDATION_ERROR = ProblemSpec("VALIDATION_ERROR", 422, "The input is not valid")
BAD_REQUEST = ProblemSpec("BAD_REQUEST", 400, "The request cannot be read")
UNAUTHORIZED = ProblemSpec("UNAUTHORIZED", 401, "Nobody is signed in")
FORBIDDEN = ProblemSpec("FORBIDDEN", 403, "This is not allowed")
NOT_FOUND = ProblemSpec("NOT_FOUND", 404, "There is nothing here")
METHOD_NOT_ALLOWED = ProblemSpec("METHOD_NOT_ALLOWED", 405, "This method is not offered here")
REQUEST_TIMEOUT = ProblemSpec("REQUEST_TIMEOUT", 408, "The request took too long to arrive")
CONTENT_TOO_LARGE = ProblemSpec("CONTENT_TOO_LARGE", 413, "The request body is too large")
UNSUPPORTED_MEDIA_TYPE = ProblemSpec("UNSUPPORTED_MEDIA_TYPE", 415, "This kind of body is not read here")
RATE_LIMITED = ProblemSpec("RATE_LIMITED", 429, "Too many requests")
INTERNAL = ProblemSpec("INTERNAL", 500, "Something went wrong on our side")
UNAVAILABLE = ProblemSpec("UNAVAILABLE", 503, "The service cannot answer at the moment")
