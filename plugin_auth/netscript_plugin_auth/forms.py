"""Reads what HTML forms send."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from netscript_kernel.contracts import BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE
from netscript_kernel.service.faults import InputFaults
from netscript_kernel.service.problems import ProblemError

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 50


def is_form(request: Request) -> bool:
    """Whether the body is a form, by its declared media type."""
    return _media_type(request) == _FORM


def is_empty(request: Request) -> bool:
    """Whether there is no body, by what the headers declare."""
    has_length = request.headers.get("content-length", "0") != "0"
    return not has_length and "transfer-encoding" not in request.headers and not _media_type(request)


def require_form(request: Request) -> None:
    """Refuse any other kind of body.

    Raises:
        ProblemError: 415.
    """
    if not is_form(request):
        raise ProblemError(UNSUPPORTED_MEDIA_TYPE, detail=f"The body must be {_FORM}")


async def read_pairs(request: Request) -> list[tuple[str, str]]:
    """Return names and values of a form as they were sent.

    Raises:
        ProblemError: 415, not a form; 400, not readable.
    """
    require_form(request)
    body = await request.body()
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise ProblemError(BAD_REQUEST, detail="The body is not valid form encoding of UTF-8") from None


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form.

    Raises:
        ProblemError: 415, not a form; 400, not readable; 422, a field that is given twice.
    """
    faults = InputFaults()
    fields: dict[str, str] = {}
    for name, value in await read_pairs(request):
        if name in fields:
            faults.add("This field is given more than once", name)
        fields[name] = value
    if faults:
        raise faults.problem()
    return fields


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
