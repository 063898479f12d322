"""Pieces to verify a webhook with, the same for every vendor.

In: the request as it arrived, the secret. Out: nothing, or `Forged`. Nothing is parsed before the signature holds. Comparison
takes the same time wherever the first wrong character is. A missing header, an empty secret and a stale time are forgeries too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Final

import orjson

from hub.errors import BadPayload, Forged
from hub.model.values import SECOND, Micros
from hub.sdk.base import WebhookRequest

LONGEST_BODY_BYTES: Final = 1024 * 1024
FORWARDED: Final = "x-forwarded-for"
"""The header in which a proxy names whom it speaks for."""


class Digest(StrEnum):
    """The hash inside the HMAC."""

    SHA1 = "sha1"
    SHA256 = "sha256"


class Encoding(StrEnum):
    """How the signature is written in its header."""

    BASE64 = "base64"
    HEX = "hex"


class Receipt(StrEnum):
    """What became of a webhook at our door."""

    ACCEPTED = "accepted"  # its hints are committed
    UNREADABLE = "unreadable"
    FORGED = "forged"
    UNKNOWN = "unknown"  # no such connection
    BUSY = "busy"  # come again


_HASHES: Final[dict[Digest, Callable[..., Any]]] = {Digest.SHA1: hashlib.sha1, Digest.SHA256: hashlib.sha256}


def sign(secret: str | bytes, message: bytes, *, digest: Digest = Digest.SHA256, encoding: Encoding = Encoding.BASE64) -> str:
    """Return the HMAC of `message` as text. A text secret counts as its UTF-8 bytes."""
    mac = hmac.new(_bytes(secret), message, _HASHES[digest]).digest()
    return mac.hex() if encoding is Encoding.HEX else base64.b64encode(mac).decode("ascii")


def verify(
    request: WebhookRequest,
    *,
    header: str,
    secret: str | bytes,
    message: bytes | None = None,
    digest: Digest = Digest.SHA256,
    encoding: Encoding = Encoding.BASE64,
    prefix: str = "",
    separator: str | None = None,
) -> None:
    """Raise Forged unless `header` holds `prefix` + HMAC of `message` (default: the exact body).

    With a `separator` the header may hold several signatures (a secret being rotated); one that holds is enough.
    """
    if not secret:
        raise Forged("No webhook secret is set, so no webhook can be believed.", fix="Set it in the connection's settings.")
    expected = prefix + sign(secret, request.body if message is None else message, digest=digest, encoding=encoding)
    given = header_of(request, header)
    same(expected, given.split(separator) if separator else [given])


def same(expected: str, given: Sequence[str]) -> None:
    """Raise Forged unless one of `given` equals `expected`; the time taken says nothing about where they differ."""
    matches = [hmac.compare_digest(_bytes(expected), _bytes(one.strip())) for one in given]
    if not any(matches):
        raise Forged("The signature of a webhook does not hold.", fix="Compare the webhook secret on both sides.")


def header_of(request: WebhookRequest, name: str) -> str:
    """Return a header by any case of its name; Forged where it is missing or empty."""
    value = request.headers.get(name.lower(), "")
    if not value:
        raise Forged(f"A webhook came without its header {name.lower()}.")
    return value


def fresh(at_s: str, now: Micros, *, tolerance_s: float = 300.0) -> None:
    """Raise Forged unless the signed time (`at_s`: seconds since 1970) is near `now`: an old one is a replay."""
    if not at_s.isascii() or not at_s.isdigit() or len(at_s) > 12 or abs(int(at_s) - now / SECOND) > tolerance_s:
        raise Forged("The signed time of a webhook is too far from now.", fix="Check this machine's clock.")


def parse(request: WebhookRequest, *, longest_bytes: int = LONGEST_BODY_BYTES) -> Any:
    """Return the body as JSON; BadPayload where it is too large or is none. Call it after `verify` only."""
    if len(request.body) > longest_bytes:
        raise BadPayload("The body of a webhook is too large.")
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        pass  # raised outside, so that the library's text (which may quote the body) does not travel along
    raise BadPayload("The body of a webhook is not JSON.")


def parse_object(request: WebhookRequest, *, longest_bytes: int = LONGEST_BODY_BYTES) -> dict[str, Any]:
    """Return the body as a JSON object; BadPayload where it is none."""
    body = parse(request, longest_bytes=longest_bytes)
    if not isinstance(body, dict):
        raise BadPayload("The body of a webhook is not an object.")
    return body


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
