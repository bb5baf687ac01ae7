"""The reference of the HTTP API, from the OpenAPI document that the service answers with."""

from collections.abc import Iterator, Mapping
from typing import Any

from griffe import Docstring

from documents.docstrings import docstring_text
from documents.tables import table
from netscript_kernel.keyring import generate_key
from netscript_plugin_auth.service import open_auth_service

_ENVIRONMENT = {
    "NETSCRIPT_PROFILE": "development",
    "NETSCRIPT_KV_URL": "memory:",
    "NETSCRIPT_AUTH_ISSUER": "http://localhost:9094",
    "NETSCRIPT_AUTH_CLIENT_ID": "netscript-dev",
}


async def api_document() -> dict[str, Any]:
    """Return the document of auth-api."""
    service = await open_auth_service({**_ENVIRONMENT, "NETSCRIPT_AUTH_KEYS": generate_key()})
    try:
        return service.openapi()
    finally:
        await service.stop()


def http_page(document: Mapping[str, Any]) -> str:
    """Return one page with every operation and every model."""
    head = [
        "# HTTP API",
        "What `/api/openapi.json` says, for people. A refusal is a [Problem](#problem) with a code.",
    ]
    return "\n\n".join([*head, *_operations(document), *_models(document)]) + "\n"


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"## {method.upper()} {path}"
            yield operation["summary"]
            yield from _asked(operation)
            answers = operation["responses"].items()
            yield table(("answers", "with"), ((status, _answer(each)) for status, each in answers))


def _asked(operation: Mapping[str, Any]) -> Iterator[str]:
    if parameters := operation.get("parameters"):
        yield table(("parameter", "in", "type", ""), map(_parameter, parameters))
    if body := operation.get("requestBody"):
        kinds = [f"`{kind}`: {_type(told['schema'])}" for kind, told in body["content"].items()]
        yield f"Body: {', or '.join(kinds)}"


def _parameter(parameter: Mapping[str, Any]) -> tuple[str, ...]:
    need = "required" if parameter.get("required") else ""
    return (f"`{parameter['name']}`", parameter["in"], _type(parameter["schema"]), need)


def _models(document: Mapping[str, Any]) -> Iterator[str]:
    yield "## Models"
    for name, model in sorted(document["components"]["schemas"].items()):
        yield f"### {name}"
        yield docstring_text(Docstring(model.get("description", ""), parser="google"))
        required = model.get("required", ())
        rows = [
            (f"`{field}`", _type(schema), "required" if field in required else "")
            for field, schema in model.get("properties", {}).items()
        ]
        if rows:
            yield table(("member", "type", ""), rows)


def _answer(response: Mapping[str, Any]) -> str:
    words = " ".join(response["description"].split())
    for kind, told in response.get("content", {}).items():
        if kind == "application/problem+json":
            return f"{words}: {', '.join(f'`{code}`' for code in _codes(told['schema']))}"
        if kind == "application/json":
            return f"{words}: {_type(told['schema'])}"
    return words


def _codes(problem: Mapping[str, Any]) -> list[str]:
    found: list[str] = problem["allOf"][1]["properties"]["code"]["enum"]
    return found


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_type, options)))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return schema.get("format") or schema.get("type") or "anything"
