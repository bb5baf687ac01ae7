"""What is read of OpenTelemetry's own variables. Nothing is traced until one of them asks for it.

Source: OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter".
"""

from typing import Annotated, Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator

from netscript_kernel.settings import Fix, Settings

_PATH: Final = "/v1/traces"
_HEADERS: Final = "pairs such as authorization=Bearer%20abc, separated by commas"
_ADDRESS: Final = "the address of a collector such as http://127.0.0.1:4318"


class TelemetrySettings(Settings):
    """The variables that are read; the batches', limits' and certificates' are the SDK's own business.

    Attributes:
        exporter: Where spans go; ``None`` follows from whether there is an address.
        endpoint: Base address for all signals.
        traces_endpoint: Whole address for spans; wins.
        sampler_arg: The share of traces that are kept, 0 to 1, for the samplers by ratio.
    """

    sdk_disabled: Annotated[bool, Fix("true or false")] = Field(
        default=False, validation_alias="OTEL_SDK_DISABLED"
    )
    exporter: Annotated[Literal["otlp", "console", "none"] | None, Fix("otlp, console or none")] = Field(
        default=None, validation_alias="OTEL_TRACES_EXPORTER"
    )
    endpoint: Annotated[str | None, Fix(_ADDRESS)] = Field(
        default=None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    traces_endpoint: Annotated[str | None, Fix(f"{_ADDRESS}{_PATH}")] = Field(
        default=None, validation_alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    )
    protocol: Annotated[
        Literal["http/protobuf"], Fix("http/protobuf; collectors listen for it on port 4318")
    ] = Field(default="http/protobuf", validation_alias="OTEL_EXPORTER_OTLP_PROTOCOL")
    headers: Annotated[SecretStr | None, Fix(_HEADERS)] = Field(
        default=None, validation_alias="OTEL_EXPORTER_OTLP_HEADERS"
    )
    service_name: Annotated[str | None, Fix("a name such as auth-api")] = Field(
        default=None, validation_alias="OTEL_SERVICE_NAME"
    )
    resource_attributes: Annotated[
        str, Fix("pairs such as deployment.environment=production, separated by commas")
    ] = Field(default="", validation_alias="OTEL_RESOURCE_ATTRIBUTES")
    sampler: Annotated[
        Literal[
            "always_on",
            "always_off",
            "traceidratio",
            "parentbased_always_on",
            "parentbased_always_off",
            "parentbased_traceidratio",
        ],
        Fix("parentbased_traceidratio, for example"),
    ] = Field(default="parentbased_always_on", validation_alias="OTEL_TRACES_SAMPLER")
    sampler_arg: Annotated[float, Field(ge=0, le=1), Fix("a share from 0 to 1 such as 0.05")] = Field(
        default=1.0, validation_alias="OTEL_TRACES_SAMPLER_ARG"
    )

    @property
    def is_on(self) -> bool:
        """Whether spans are made at all."""
        if self.sdk_disabled or self.exporter == "none":
            return False
        return self.exporter is not None or (self.endpoint or self.traces_endpoint) is not None

    @property
    def address(self) -> str:
        """Where spans are posted to."""
        base = self.endpoint or "http://localhost:4318"
        return self.traces_endpoint or f"{base.rstrip('/')}{_PATH}"

    @property
    def sent_headers(self) -> dict[str, str]:
        """What the collector gets with each batch."""
        return _pairs(self.headers.get_secret_value()) if self.headers is not None else {}

    @property
    def attributes(self) -> dict[str, str]:
        """What all spans have in common."""
        return _pairs(self.resource_attributes)

    @field_validator("endpoint", "traces_endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and (
            urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc
        ):
            raise ValueError("is no http or https address")
        return value

    @field_validator("headers", "resource_attributes")
    @classmethod
    def _readable(cls, value: SecretStr | str | None) -> SecretStr | str | None:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        try:
            _pairs(text or "")
        except ValueError:
            raise ValueError("is no list of pairs") from None
        return value


def _pairs(text: str) -> dict[str, str]:
    """Read ``a=b,c=d`` with percent-encoded values (W3C Baggage, without its properties)."""
    pairs: dict[str, str] = {}
    for entry in filter(None, (each.strip() for each in text.split(","))):
        name, equals, value = entry.partition("=")
        if not equals or not name.strip():
            raise ValueError("no pair")
        pairs[name.strip()] = unquote(value.strip())
    return pairs
