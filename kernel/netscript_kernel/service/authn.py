"""What is behind the guard, and who finds out who calls."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from netscript_kernel.access.ports import AuthenticatorPort
from netscript_kernel.contracts import AnyOperation, Operation
from netscript_kernel.path_patterns import PathPatterns, is_doubtful
from netscript_kernel.service.port_checks import require_methods


@dataclass(frozen=True, slots=True)
class Authn:
    """What is behind the guard, and who finds out who calls; :func:`with_authn` makes it."""

    authenticator: AuthenticatorPort
    protect: PathPatterns
    open_paths: PathPatterns
    open_operations: tuple[AnyOperation, ...]
    limit: timedelta

    def closes(self, path: str, operation: AnyOperation | None = None) -> bool:
        """Whether a request has to be somebody's.

        A path that may be read as another one counts as protected, whatever operation it leads to.

        Args:
            path: Below the prefix under which the service is mounted.
            operation: What it leads to, where it belongs to a contract.
        """
        if not path.startswith("/") or is_doubtful(path):
            return True
        if any(each is operation for each in self.open_operations):
            return False
        return self.protect.include(path) and not self.open_paths.include(path)

    def leaves_out(self, path: str, operation: AnyOperation) -> bool:
        """Whether an operation is open though what is below its path is protected, and nobody opened it."""
        if self.closes(path, operation) or not self.protect.include_any_below(f"{path}/"):
            return False
        is_named = any(each is operation for each in self.open_operations)
        return not is_named and not self.open_paths.include(path)

    def closes_any_below(self, folder: str) -> bool:
        """Whether anything below a path that ends in a slash is protected, and not all of it is open."""
        return self.protect.include_any_below(folder) and not self.open_paths.include_all_below(folder)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run what the authenticator does behind the requests: a part of the service's life."""
        await self.authenticator.start()
        try:
            yield
        finally:
            await self.authenticator.aclose()


def with_authn(
    authenticator: AuthenticatorPort,
    *,
    protect: Iterable[str] = ("/*",),
    allow_anonymous: Iterable[str | AnyOperation] = ("/health",),
    limit: timedelta = timedelta(seconds=10),
) -> Authn:
    """Have a service find out who calls, and let nobody in whom it does not know.

    Handlers learn who it is by :func:`principal_of`, or :func:`find_principal` where nobody need be known.
    The probes ``/health/live`` and ``/health/ready``, and ``/metrics``, are never guarded: they have rules of
    their own.

    Args:
        authenticator: Finds out. It is started and closed with the service.
        protect: Paths behind the guard: exactly, or with ``/*`` at the end all below; everything by default.
        allow_anonymous: Paths, and operations such as ``UsersV1.describe``, that are open to everybody all
            the same. Nobody is asked there who calls, until the handler wants to know.
        limit: How long finding out may take.

    Raises:
        TypeError: what finds out nothing, such as a function that was to be called; or what can be open to
            nobody, such as a whole contract.
        ValueError: what is no path.
    """
    methods = ("authenticate", "start", "aclose")
    require_methods(authenticator, methods, "with_authn", "create_authenticator()")
    named = tuple(allow_anonymous)
    for each in named:
        _require_path_or_operation(each)
    return Authn(
        authenticator,
        protect=PathPatterns(protect, "a protected path"),
        open_paths=PathPatterns((each for each in named if isinstance(each, str)), "an open path"),
        open_operations=tuple(each for each in named if not isinstance(each, str)),
        limit=limit,
    )


def _require_path_or_operation(given: object) -> None:
    if not isinstance(given, str | Operation):
        name = getattr(given, "__name__", None) or f"something of type {type(given).__name__}"
        problem = f"allow_anonymous names paths and operations, and {name} is neither"
        raise TypeError(f"{problem}. Fix: name each operation, such as UsersV1.describe")
