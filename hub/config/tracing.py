"""Where traces go. Nothing said: nothing is recorded, and nothing of OpenTelemetry is loaded."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field

from hub.config.written import Shape, Share

EXTRA: Final = "syncline[otel]"
"""What to install for traces."""
_PACKAGES: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_USUAL_PATH: Final = "/v1/traces"
"""Where a collector takes traces (OpenTelemetry Protocol specification, OTLP/HTTP request)."""
_HEADER: Final = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
_VALUE: Final = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"


class TracingConfig(Shape):
    """A collector of OTLP over HTTP. An endpoint without a path is given the usual one. `sample`: the share of traces kept."""

    endpoint: str = Field(pattern=r"^https?://[^/?#]+[^?#]*$")
    headers: dict[Annotated[str, Field(pattern=_HEADER)], Annotated[str, Field(pattern=_VALUE)]] = Field(
        default_factory=dict, repr=False
    )
    sample: Share = 1.0
    service: str = Field(default="syncline", pattern=r"^[\w.-]{1,100}$")

    @property
    def url(self) -> str:
        """Return the exact address that spans are posted to."""
        return self.endpoint if urlsplit(self.endpoint).path.strip("/") else self.endpoint.rstrip("/") + _USUAL_PATH


def can_trace() -> bool:
    """Say whether the packages that record and send traces are installed. Asked only where they are wanted."""
    try:
        return all(find_spec(name) is not None for name in _PACKAGES)
    except (ImportError, ValueError):
        return False
