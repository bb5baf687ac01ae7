"""``netscript contract inspect``: operations, models as JSON Schema, and problems of one contract."""

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any, Final

from netscript_cli.contracts.loading import load_contracts
from netscript_cli.contracts.sources import find_sources
from netscript_cli.telling import tell
from netscript_cli.terminal import in_one_line
from netscript_kernel.contract_changes import ContractSnapshot, OperationSnapshot

_INDENT: Final = "      "


def print_contract(text: str, project_root: Path | None, *, as_json: bool) -> int:
    """Print a contract, and return the exit code. What ``--json`` prints, ``contract diff`` reads.

    Raises:
        WorkspaceError: there is no such contract, or it cannot be imported.
    """
    root, sources = find_sources([text], project_root)
    (contract,) = load_contracts(root, sources)
    document = contract.model_dump(mode="json", by_alias=True)
    tell(document, "".join(f"{line}\n" for line in _in_words(contract)), as_json=as_json)
    return 0


def _in_words(contract: ContractSnapshot) -> Iterator[str]:
    yield in_one_line(f"{contract.name} {contract.version}, below {contract.prefix or '/'}")
    for each in contract.operations:
        yield ""
        yield f"{in_one_line(f'{each.method} {each.path}')}  ({in_one_line(each.name)})"
        if each.summary:
            yield f"   {in_one_line(each.summary)}"
        yield from _operation(each)


def _operation(operation: OperationSnapshot) -> Iterator[str]:
    if operation.input.get("properties"):
        yield "   input"
        yield _schema(operation.input)
    yield f"   answers {operation.status}{_how(operation)}"
    if operation.output.get("properties") and not operation.redirects:
        yield _schema(operation.output)
    if operation.problems:
        yield "   problems"
    for each in operation.problems:
        yield _INDENT + in_one_line(f"{each.status} {each.code}: {each.title}")


def _how(operation: OperationSnapshot) -> str:
    if operation.redirects:
        return ", by sending elsewhere"
    return in_one_line(f", a stream of {operation.stream_type}") if operation.stream_type else ""


def _schema(schema: dict[str, Any]) -> str:
    return indent(json.dumps(schema, indent=2), _INDENT)
