"""Reads what an application says of the headers that reached it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, TypeAlias

from pydantic import BaseModel, TypeAdapter, ValidationError

from netscript_plugin_auth.proxy_check.wire import Answer, HeaderLine

_Headers: TypeAlias = list[tuple[str, str | list[str]]] | dict[str, str | list[str]]


class _Document(BaseModel):
    headers: _Headers


_DOCUMENT: Final[TypeAdapter[_Document | _Headers]] = TypeAdapter(_Document | _Headers)


def read_echo(answer: Answer) -> Sequence[HeaderLine] | None:
    """Return the headers that the application got, names in one spelling; ``None`` where it says none.

    Underscores are read as hyphens, as CGI, WSGI and many frameworks do.

    Args:
        answer: A JSON document: pairs of name and value, or an object of them, or either of these under
            ``headers``; a value may be a list of values.
    """
    if answer.status != HTTPStatus.OK:
        return None
    try:
        document = _DOCUMENT.validate_json(answer.body)
    except ValidationError:
        return None
    headers = document.headers if isinstance(document, _Document) else document
    pairs = headers.items() if isinstance(headers, dict) else headers
    return [
        (name.lower().replace("_", "-"), each)
        for name, values in pairs
        for each in ([values] if isinstance(values, str) else values)
    ]
