"""What a plugin may contribute: one small model for each axis, and what no text of them may look like."""

from keyword import iskeyword
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from netscript_kernel.plain_names import is_contract_version, is_plain_name
from netscript_kernel.plugins.faults import FaultCode

_HIGHEST_PORT: Final = 65535
_MOST_AT_A_TIME: Final = 10_000


class ManifestModel(BaseModel):
    """Base of all that a manifest holds: immutable, camelCase in JSON, and nothing that nobody reads."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


def invalid(code: FaultCode, problem: str, fix: str) -> PydanticCustomError:
    """Return what a validator raises, so that the fault keeps its code and its fix."""
    return PydanticCustomError(code.value, "{problem}", {"problem": problem, "fix": fix})


def is_dotted_path(text: str) -> bool:
    """Whether Python could import a module of this name."""
    parts = text.split(".")
    return text.isascii() and all(part.isidentifier() and not iskeyword(part) for part in parts)


def is_entrypoint(text: str) -> bool:
    """Whether a text is a module and the name of something in it, such as ``acme.service:main``."""
    module, _, name = text.partition(":")
    return is_dotted_path(module) and is_dotted_path(name) and "." not in name


def _name(text: str) -> str:
    if not is_plain_name(text):
        fix = "use lower-case letters, digits and hyphens, with dots between parts, such as users-api"
        raise invalid(FaultCode.NAME_INVALID, f"cannot be {text!r}", fix)
    return text


def _entrypoint(text: str) -> str:
    if not is_entrypoint(text):
        fix = "name a module and what is in it, such as plugins.notifier.service:main"
        raise invalid(FaultCode.ENTRYPOINT_INVALID, f"cannot be {text!r}", fix)
    return text


def _port(number: int) -> int:
    if not 1 <= number <= _HIGHEST_PORT:
        raise invalid(
            FaultCode.PORT_INVALID, f"cannot be {number}", f"use a number from 1 to {_HIGHEST_PORT}"
        )
    return number


def _concurrency(number: int) -> int:
    if not 1 <= number <= _MOST_AT_A_TIME:
        fix = f"use a number from 1 to {_MOST_AT_A_TIME}"
        raise invalid(FaultCode.CONCURRENCY_INVALID, f"cannot be {number}", fix)
    return number


def _contract_version(text: str) -> str:
    if not is_contract_version(text):
        raise invalid(FaultCode.CONTRACT_VERSION_INVALID, f"cannot be {text!r}", "use v1, v2 and so on")
    return text


Name: TypeAlias = Annotated[str, AfterValidator(_name)]
Entrypoint: TypeAlias = Annotated[str, AfterValidator(_entrypoint)]
Port: TypeAlias = Annotated[int, Field(strict=True), AfterValidator(_port)]
Concurrency: TypeAlias = Annotated[int, Field(strict=True), AfterValidator(_concurrency)]
ContractVersionName: TypeAlias = Annotated[str, AfterValidator(_contract_version)]
Path: TypeAlias = Annotated[str, StringConstraints(pattern=r"^/[!-~]*$")]
Variable: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class ServiceContribution(ManifestModel):
    """An API in a process of its own.

    Attributes:
        name: Unique among all plugins; others find it by it.
        entrypoint: A function without arguments that serves until the process is told to stop.
        port: That it listens on unless ``PORT`` says otherwise.
        health_path: Answers 200 as soon as the service may be used.
    """

    name: Name
    entrypoint: Entrypoint
    port: Port
    health_path: Path = "/health/ready"


class BackgroundProcessorContribution(ManifestModel):
    """A process that works without being asked over HTTP.

    Attributes:
        name: Unique among all plugins.
        entrypoint: A function without arguments that works until the process is told to stop.
        concurrency: How much it does at a time. More than one takes a variable, by which it is told.
        concurrency_env: That variable, by which an operator says otherwise.
    """

    name: Name
    entrypoint: Entrypoint
    concurrency: Concurrency = 1
    concurrency_env: Variable | None = None


class ContractVersionContribution(ManifestModel):
    """One version of the API of a plugin, as data.

    Attributes:
        version: ``v1`` and so on.
        contract: Module and class of the :class:`~netscript_kernel.contracts.Contract`.
    """

    version: ContractVersionName
    contract: Entrypoint


class E2eGate(ManifestModel):
    """A command that has to succeed before a change is good.

    Attributes:
        name: Unique within the plugin.
        command: Split as a shell would, and run without one, in the folder of the workspace.
    """

    name: Name
    command: Words


class TelemetryContribution(ManifestModel):
    """Instrumentation that is installed as each process of the plugin starts.

    Attributes:
        name: Unique within the plugin.
        installer: A function without arguments.
    """

    name: Name
    installer: Entrypoint


class StreamTopicContribution(ManifestModel):
    """A durable topic with the model of what stands in it."""

    name: Name
    model: Entrypoint


class DatabaseSchemaContribution(ManifestModel):
    """Tables, as SQLAlchemy metadata."""

    name: Name
    metadata: Entrypoint


class MigrationContribution(ManifestModel):
    """Steps from one state of the tables to the next, in a folder of the plugin."""

    name: Name
    path: Words


class RuntimeConfigTopicContribution(ManifestModel):
    """Settings that operators change while everything runs, as a Pydantic model."""

    name: Name
    model: Entrypoint


class HandlerContribution(ManifestModel):
    """A named operation that other plugins call."""

    name: Name
    handler: Entrypoint
