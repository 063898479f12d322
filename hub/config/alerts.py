"""Who is told when something needs a person, and where monitoring asks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from hub.config.written import Seconds, Several, Shape, read_several, read_whole

_ADDRESS = r"^[^@\s<>,]+@[^@\s<>,]+$"
_SERVER = r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$"


class Tls(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"  # port 587; a server that does not offer it gets nothing
    TLS = "tls"  # port 465
    NONE = "none"  # only to a server on this machine


Address = Annotated[str, Field(pattern=_ADDRESS)]


class MailAlert(Shape):
    """Mail by SMTP. `server`: host, or host:port."""

    server: Annotated[str, Field(pattern=_SERVER)]
    sender: Address = Field(alias="from")
    to: Annotated[tuple[Address, ...], BeforeValidator(read_several), Field(min_length=1)]
    user: str = ""
    password: str = Field(default="", repr=False)
    tls: Tls = Tls.STARTTLS

    @property
    def host(self) -> str:
        """Return the name of the server."""
        return self.server.rpartition(":")[0].strip("[]") if self._has_port else self.server.strip("[]")

    @property
    def port(self) -> int:
        """Return its port; what is usual where none is written."""
        return int(self.server.rpartition(":")[2]) if self._has_port else 465 if self.tls is Tls.TLS else 587

    @property
    def _has_port(self) -> bool:
        return not self.server.endswith("]") and ":" in self.server


class WebhookAlert(Shape):
    """A POST of JSON. With a `secret` the header `x-syncline-signature` holds the base64 HMAC-SHA256 of the body."""

    url: str = Field(repr=False, pattern=r"^https?://[^/?#]+")
    secret: str = Field(default="", repr=False)


class Alerts(Shape):
    """Where alerts go, and how long something may last before it is one. Nothing said: they show in `hub status` only."""

    mail: MailAlert | None = None
    webhook: WebhookAlert | None = None
    command: Several | None = None
    digest_s: Seconds | None = Field(default=None, alias="digest")
    failing_s: Seconds = Field(default=600.0, alias="failing")
    questions_s: Seconds = Field(default=86_400.0, alias="questions")
    stale_s: Seconds = Field(default=3_600.0, alias="stale")
    unsent_s: Seconds = Field(default=3_600.0, alias="unsent")


class MonitorConfig(Shape):
    """Where `/metrics`, `/readyz` and `/healthz` are asked for. Beyond this machine only with a token."""

    host: str = "127.0.0.1"
    port: Annotated[int, BeforeValidator(read_whole), Field(ge=0, le=65535)] = 8109
    token: str = Field(default="", repr=False)
