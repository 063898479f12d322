"""The error tree, grouped by what the hub must do next (DESIGN section 11).

    HubError
      Retry      try again later, bounded, with back-off       Unavailable TimedOut RateLimited
      Pause      stop this connection, alert once              AuthFailed PermissionMissing ApiRetired
      SetAside   one record, field or push; a dead letter      BadPayload RecordRefused
      Refuse     nothing starts; a person fixes a file         ConfigError MappingError UsageError Forged
      Stop       an invariant broke; roll back and stop        InvariantBroken StoreBusy StoreLost

Each carries a stable `code`, a sentence without values (Invariant 14) and, where a person can act, a next step.
Expected results are values, not exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class HubError(Exception):
    """Every error that the hub raises on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        ends = "" if not self.fix or self.message.endswith((".", "?", "!")) else ";"
        return f"{self.message}{ends} {self.fix}".strip()


class Retry(HubError):
    """Try again later."""


class Unavailable(Retry):
    """The remote did not do it: refused connection, 5xx before anything was processed, reset before the request was sent."""

    code = "unavailable"


class TimedOut(Retry):
    """No answer in time, or the connection broke after sending: a write may or may not have happened."""

    code = "timed_out"


class RateLimited(Retry):
    """Over the limit; nothing was done. `wait_s` is what the remote asked for."""

    code = "rate_limited"

    def __init__(self, message: str, *, wait_s: float, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.wait_s = wait_s


class Pause(HubError):
    """This connection can do nothing until a person acts."""


class AuthFailed(Pause):
    """The credentials are not accepted."""

    code = "auth_failed"


class PermissionMissing(Pause):
    """The credentials are accepted but may not do this."""

    code = "permission_missing"


class ApiRetired(Pause):
    """The remote no longer serves this API version."""

    code = "api_retired"


class SetAside(HubError):
    """One record, field or push is put aside with its input and reason."""


class BadPayload(SetAside):
    """A payload that is not what the contract says."""

    code = "bad_payload"


class RecordRefused(SetAside):
    """A record that the mapping cannot read: no id, a value of the wrong type in a field that must hold."""

    code = "record_refused"

    def __init__(self, message: str, *, path: str = "", fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.path = path


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Refuse(HubError):
    """Nothing starts. `place` says where, where a file is to blame."""

    def __init__(self, message: str, *, place: Place | None = None, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.place = place

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return where + super().__str__()


class ConfigError(Refuse):
    """config.yaml, a manifest or the environment."""

    code = "config"


class MappingError(Refuse):
    """A mapping file."""

    code = "mapping"


class UsageError(Refuse):
    """A command called the wrong way."""

    code = "usage"


class Forged(Refuse):
    """A webhook whose signature does not hold."""

    code = "forged"


class Stop(HubError):
    """Roll back, stop the worker."""


class InvariantBroken(Stop):
    """Something that must never be is: a bug."""

    code = "invariant_broken"


class StoreBusy(Stop):
    """Another instance holds the store."""

    code = "store_busy"


class StoreLost(Stop):
    """The store cannot be read or written: its disk is full, its server is gone. The hub begins anew once it can be."""

    code = "store_lost"
