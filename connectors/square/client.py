"""One Square account over HTTP: headers, error bodies, idempotency keys, times."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.clock import instant
from hub.errors import ApiRetired, AuthFailed
from hub.model.values import Doc, Micros
from hub.sdk import Answer, AnswerKind, BadPayload, Http, PermissionMissing, RateLimited, Reply, TimedOut, Unavailable

VERSION: Final = "2025-08-20"
KEY_LENGTH: Final = 45
"""The shortest limit on idempotency keys in the contract (payments; catalogue and inventory take 128, orders 192)."""

STALE: Final = {"VERSION_MISMATCH", "CONFLICT"}
GONE: Final = {"NOT_FOUND", "CUSTOMER_NOT_FOUND", "GONE"}
AUTH: Final = {"UNAUTHORIZED", "ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_REVOKED", "CLIENT_DISABLED", "APPLICATION_DISABLED"}
PERMISSION: Final = {"FORBIDDEN", "INSUFFICIENT_SCOPES", "MERCHANT_SUBSCRIPTION_NOT_FOUND"}
RETIRED: Final = {"API_VERSION_INCOMPATIBLE", "INVALID_SQUARE_VERSION_FORMAT", "V1_ACCESS_TOKEN", "V1_APPLICATION"}
WRAPPERS: Final = ("object.", "location.")
"""What error fields carry in front of the path inside the document."""

REASONS: Final = {
    "IDEMPOTENCY_KEY_REUSED": "Square knows this idempotency key from a request with other content; nothing was changed.",
    "INVALID_EMAIL_ADDRESS": "Square does not accept this e-mail address.",
    "INVALID_PHONE_NUMBER": "Square does not accept this phone number (9 to 16 digits).",
    "VALUE_TOO_LONG": "The value is longer than Square keeps.",
    "INVALID_TIME": "Square does not accept this time (stock changes: not in the future, at most 24 hours ago).",
}


@dataclass(frozen=True, slots=True)
class SquareClient:
    """Sends requests of one account. Raises the errors of `Http`, and what error codes mean for the whole connection."""

    http: Http
    token: str = field(repr=False)

    def read(
        self,
        method: str,
        path: str,
        body: Doc | None = None,
        params: Mapping[str, str] | None = None,
        *,
        absent: Doc | None = None,
    ) -> Doc:
        """Read; an answer that is not a success raises. `absent`: what to return on 404 instead. Raises BadPayload."""
        reply = self._send(method, path, body, params, safe=True)
        if reply.status == 404 and absent is not None:
            return absent
        if reply.status >= 400 or not isinstance(reply.body, dict):
            message = f"Square answered a read of {path} with {reply.status} {_first(reply).get('code', '')}."
            raise BadPayload(message)
        return reply.body

    def write(self, method: str, path: str, body: Doc | None = None, params: Mapping[str, str] | None = None) -> Reply:
        """Write; refusals come back as replies, see `refusal`."""
        return self._send(method, path, body, params, safe=False)

    def _send(self, method: str, path: str, body: Doc | None, params: Mapping[str, str] | None, *, safe: bool) -> Reply:
        headers = {"Authorization": f"Bearer {self.token}", "Square-Version": VERSION}
        reply = self.http.send(method, path, json=body, params=params, headers=headers, safe=safe)
        _raise_for_connection(str(_first(reply).get("code", "")))
        return reply


def _raise_for_connection(code: str) -> None:
    """Raise what concerns the connection rather than one record, whatever status it came with."""
    if code in AUTH:
        raise AuthFailed(
            "Square does not accept the access token.", fix="Create a new one and put it into the connection's settings."
        )
    if code in PERMISSION:
        raise PermissionMissing("The access token may not do this.", fix="Grant the permissions named in the connector's README.")
    if code in RETIRED:
        raise ApiRetired(f"Square no longer serves API version {VERSION} to this application.")
    if code == "RATE_LIMITED":
        raise RateLimited("Square asks to slow down.", wait_s=1.0)
    if code == "TEMPORARY_ERROR":
        raise Unavailable("Square could not answer just now.")


def refusal(reply: Reply) -> Answer | None:
    """Return the answer that an error reply stands for; None where the reply is a success."""
    error = _first(reply)
    code = str(error.get("code", ""))
    if reply.status < 400 and not error:
        return None
    kind = AnswerKind.REFUSED
    if code in STALE or (reply.status == 409 and not code):
        kind = AnswerKind.STALE
    elif code in GONE or (reply.status == 404 and not code):
        kind = AnswerKind.GONE
    reason = REASONS.get(code, f"Square answered {code or reply.status}.")
    return Answer(kind, blames=_blamed(error.get("field")), reason=reason)


def inside(reply: Reply, name: str) -> Doc:
    """Return the record of a successful write. Raises TimedOut where it is not there: what the write did is unknown then."""
    value = reply.body.get(name) if isinstance(reply.body, dict) else None
    if not isinstance(value, dict) or not value.get("id"):
        raise TimedOut("Square accepted a write but did not say what it made.")
    return value


def _first(reply: Reply) -> Doc:
    errors = reply.body.get("errors") if isinstance(reply.body, dict) else None
    return errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}


def _blamed(field: Any) -> str | None:
    if not isinstance(field, str) or not field or field in ("version", "idempotency_key"):
        return None
    for wrapper in WRAPPERS:
        field = field.removeprefix(wrapper)
    return None if field in ("version", "idempotency_key") else field


def fit_key(key: str) -> str:
    """Return `key`, or a digest of it where it is longer than Square takes: the same at every resend."""
    if len(key) <= KEY_LENGTH:
        return key
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode().rstrip("=")


def before(since: Micros) -> str:
    """Write the last millisecond before `since`: Square's lower bounds are exclusive, or not documented."""
    return instant(since // 1000 * 1000 - 1000)


def chunks(ids: Sequence[str], size: int) -> list[list[str]]:
    """Cut a list into pieces."""
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)]
