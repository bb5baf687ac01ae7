"""Serves the operations of a contract, and lets FastAPI document them."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeAlias

from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from netscript_kernel.contracts import AnyOperation, Contract, ProblemSpec, Redirect, WireModel
from netscript_kernel.service.answers import raw_response
from netscript_kernel.service.documented import responses_of, signature_of, wire_path
from netscript_kernel.service.hot import HotHandler
from netscript_kernel.service.implementation import Implementation
from netscript_kernel.service.inputs import read_input


class Front(Protocol):
    """What stands in front of operations."""

    def problems_of(self, contract: type[Contract], operation: AnyOperation) -> Sequence[ProblemSpec]:
        """Return how it may say no to somebody who calls this one."""
        ...


_Serve: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]
_NO_CONTENT = 204


class ContractRoute(Route):
    """One operation of a contract.

    The request is read by ``read_input``, which is stricter than FastAPI can be told to be.

    Attributes:
        operation: What is served.
        contract: Whose operation it is.

    Args:
        implementation: Has the handler.
        operation: What is served.
        more_problems: Ways to say no of whatever stands in front of the handler; they are documented.
    """

    def __init__(
        self,
        implementation: Implementation,
        operation: AnyOperation,
        more_problems: Sequence[ProblemSpec] = (),
    ) -> None:
        self.operation = operation
        self.contract = implementation.contract
        self._problems = (*implementation.common_problems, *more_problems)
        super().__init__(
            self.contract.prefix + wire_path(operation),
            _served(implementation, operation),
            methods=[operation.method],
            name=operation.name,
        )

    def documented(self) -> APIRoute:
        """Return a route that is never served: FastAPI writes the OpenAPI document from its signature.

        Made when it is asked for, since that takes longer than all the rest of building a service.
        """
        operation, contract = self.operation, self.contract
        is_empty = operation.output_model is Redirect or operation.status == _NO_CONTENT
        has_body = not is_empty and operation.stream_type is None
        return APIRoute(
            self.path,
            signature_of(operation),
            methods=[operation.method],
            name=operation.name,
            operation_id=f"{contract.contract_name}_{contract.version}_{operation.name}",
            tags=[f"{contract.contract_name} {contract.version}"],
            summary=operation.summary or operation.name.replace("_", " ").capitalize(),
            status_code=operation.status,
            response_description="Done",
            response_model=operation.output_model if has_body else None,
            response_class=_response_class(operation, has_body=has_body),
            responses=responses_of(operation, self._problems),
        )


def _response_class(operation: AnyOperation, *, has_body: bool) -> type[Response]:
    if operation.stream_type is None:
        return JSONResponse if has_body else Response
    return type("Stream", (Response,), {"media_type": operation.stream_type})


def contract_routes(implementation: Implementation, front: Front) -> list[ContractRoute]:
    """Return a route for each operation.

    Args:
        implementation: Has the handlers.
        front: What stands in front of them.

    Raises:
        TypeError: names the operations that have no handler.
    """
    implementation.check_complete()
    contract = implementation.contract
    return [
        ContractRoute(implementation, each, front.problems_of(contract, each))
        for each in contract.operations.values()
    ]


def _served(implementation: Implementation, operation: AnyOperation) -> _Serve:
    hot = implementation.hot_handlers.get(operation.name)
    if hot is not None:
        return _serve_hot(hot)
    return _serve(operation, implementation.handlers[operation.name])


def _serve(operation: AnyOperation, handler: Callable[..., Awaitable[Any]]) -> _Serve:
    async def serve(request: Request) -> Response:
        if operation.is_raw:
            return _response(operation, await handler(request))
        value = await read_input(operation, request)
        return _response(operation, await handler(value, request))

    return serve


def _serve_hot(handler: HotHandler) -> _Serve:
    async def serve(request: Request) -> Response:
        return raw_response(await handler(request.scope))

    return serve


def _response(operation: AnyOperation, result: object) -> Response:
    if isinstance(result, Response):
        return result
    if not isinstance(result, operation.output_model):
        wanted, got = operation.output_model.__name__, type(result).__name__
        raise TypeError(f"the handler of {operation.name} returned {got}, not {wanted}")
    if isinstance(result, Redirect):
        return RedirectResponse(result.location, status_code=operation.status)
    if operation.status == _NO_CONTENT:
        return Response(status_code=_NO_CONTENT)
    return Response(_encode(result), status_code=operation.status, media_type="application/json")


def _encode(result: Any) -> bytes:
    if isinstance(result, WireModel):
        return result.to_wire()
    encoded: str = result.model_dump_json(by_alias=True, exclude_none=True)
    return encoded.encode()
