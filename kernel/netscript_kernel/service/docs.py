"""``/api/docs``: a readable page made from the OpenAPI document. No script, nothing from elsewhere."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from netscript_kernel.service.openapi import ApiDocument

DOCS_PATH = "/api/docs"
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def docs_routes(document: ApiDocument) -> list[Route]:
    """Return the page, its style sheet and the document itself."""

    async def page(_: Request) -> Response:
        return HTMLResponse(docs_page(document.get()), headers={"Content-Security-Policy": _POLICY})

    async def style(_: Request) -> Response:
        sheet = files("netscript_kernel.service").joinpath("assets/docs.css").read_bytes()
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return [
        Route(DOCS_PATH, page, include_in_schema=False),
        Route(f"{DOCS_PATH}/docs.css", style, include_in_schema=False),
        document.route(),
    ]


def docs_page(document: dict[str, Any]) -> str:
    """Return the page for an OpenAPI document."""
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}"
    operations = [
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = [_schema(name, schema) for name, schema in document["components"]["schemas"].items()]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="docs/docs.css"></head><body><main>'
        f"<h1>{title}</h1><p>{escape(info.get('description', ''))}</p>"
        '<p><a href="openapi.json">OpenAPI document</a></p>'
        f"<h2>Operations</h2>{''.join(operations)}<h2>Schemas</h2>{''.join(schemas)}"
        "</main></body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    name = escape(operation["operationId"])
    return (
        f'<section id="{name}"><h3><span class="method">{method.upper()}</span> '
        f"<code>{escape(path)}</code></h3>"
        f"<p>{escape(operation.get('summary', ''))}</p>"
        f"{_parameters(operation.get('parameters', []))}"
        f"{_body(operation.get('requestBody', {}))}"
        f"{_responses(operation['responses'])}</section>"
    )


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        (each["name"], each["in"], _type(each["schema"]), "required" if each.get("required") else "")
        for each in parameters
    ]
    return _table("Parameters", ("name", "in", "type", ""), rows)


def _body(body: dict[str, Any]) -> str:
    rows = [(media, _type(content["schema"])) for media, content in body.get("content", {}).items()]
    return _table("Body", ("media type", "schema"), rows)


def _responses(responses: dict[str, Any]) -> str:
    rows = [
        (status, response["description"], ", ".join(_content(response)))
        for status, response in sorted(responses.items())
    ]
    return _table("Answers", ("status", "meaning", "schema or code"), rows)


def _content(response: dict[str, Any]) -> list[str]:
    found = response.get("content", {})
    return [
        "a page" if media == "text/html" else _type(content.get("schema", {}))
        for media, content in found.items()
    ]


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (field, _type(each), "required" if field in required else "", each.get("description", ""))
        for field, each in schema.get("properties", {}).items()
    ]
    body = _table("Fields", ("name", "type", "", ""), rows)
    about = escape(schema.get("description", "").partition("\n\n")[0])
    title = f"<h3><code>{escape(name)}</code></h3>"
    return f'<section id="schema-{escape(name)}">{title}<p>{about}</p>{body}</section>'


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    codes = [code for part in schema.get("allOf", []) for code in _codes(part)]
    if codes:
        return ", ".join(codes)
    if "anyOf" in schema:
        return " | ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("const", schema.get("type", "any")))


def _codes(part: dict[str, Any]) -> list[str]:
    codes: list[str] = part.get("properties", {}).get("code", {}).get("enum", [])
    return codes


def _table(caption: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
