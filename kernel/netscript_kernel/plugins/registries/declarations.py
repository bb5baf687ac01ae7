"""What a file says that it contributes, found by reading it."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_KEYWORD: Final = "id"


@dataclass(frozen=True, slots=True)
class Declaration:
    """An object of a module that is made with an ``id``.

    Attributes:
        name: Of the object in its module.
        id: As it stands there; ``None`` where that is no literal text.
        line: Where.
    """

    name: str
    id: str | None
    line: int


def parse_source(source: bytes) -> ast.Module:
    """Read a file of Python, without running it.

    Raises:
        SyntaxError: it is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for whoever runs it, not for whoever looks
            return ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:  # zero bytes; thousands of brackets
        raise SyntaxError(str(error) or "it is nested too deeply") from error


def declarations_in(module: ast.Module) -> Iterator[Declaration]:
    """Yield the public objects of a module that are made with an ``id``, in their order."""
    for statement in module.body:
        for name, made_by in _made(statement):
            keyword = None if name.startswith("_") else _id_of(made_by)
            if keyword is not None:
                yield Declaration(name, _literal(keyword.value), keyword.value.lineno)


def imported_names(module: ast.Module) -> frozenset[str]:
    """Return what a module has from elsewhere."""
    return frozenset(
        (alias.asname or alias.name).partition(".")[0]
        for node in _statements(module)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _statements(module: ast.Module) -> Iterator[ast.AST]:
    """Yield what runs as a module is imported, in no order; functions and classes keep what is in them."""
    pending: list[ast.AST] = [*module.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            pending += ast.iter_child_nodes(node)


def _made(statement: ast.stmt) -> Iterator[tuple[str, tuple[ast.expr, ...]]]:
    """Yield names with the calls that may have made them."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name, tuple(statement.decorator_list)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, (statement.value,)
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id, (statement.value,) if statement.value else ()


def _id_of(expressions: tuple[ast.expr, ...]) -> ast.keyword | None:
    """Return the first ``id=`` of a chain of calls: that of ``define(id="a").step(id="b")`` is a."""
    keywords = (
        keyword
        for expression in expressions
        for call in _calls(expression)
        for keyword in call.keywords
        if keyword.arg == _KEYWORD
    )
    return next(keywords, None)


def _calls(expression: ast.expr) -> Iterator[ast.Call]:
    """Return the calls of a chain as one reads it, which is from the inside out."""
    calls: list[ast.Call] = []
    while isinstance(expression, ast.Call | ast.Attribute):
        if isinstance(expression, ast.Call):
            calls.append(expression)
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    return reversed(calls)


def _literal(value: ast.expr) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
