"""HubSpot's webhook door: verify the raw body, then say which records to read again.

Signature v3: base64 of HMAC-SHA256 with the app's client secret over method + address + body + time, the time (ms) in a header of
its own and at most five minutes old. v1, of older apps: hex of SHA-256 over secret + body, without a time. Source: the vendor's
SDK (HubSpot/hubspot-api-nodejs, src/utils/signature.ts). In the address HubSpot signs some characters unescaped (from memory,
unverified).

A body is a list of up to 100 events. `eventId` alone is not unique, so object, subscription and time go with it; `attemptNumber`
does not, it counts repetitions. A merge names the records that went in and the one that came out
(developers.hubspot.com/changelog/new-subscription-types-for-webhooks).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from connectors.hubspot.kinds import Kind
from hub.model.values import Doc
from hub.sdk import BadPayload, Forged, Hint, WebhookRequest
from hub.sdk.webhooks import fresh, header_of, parse, same, verify

SIGNATURE: Final = "x-hubspot-signature-v3"
TIME: Final = "x-hubspot-request-timestamp"
OLD_SIGNATURE: Final = "x-hubspot-signature"
UNESCAPED: Final = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
ACTIONS: Final = frozenset({"creation", "propertyChange", "deletion", "privacyDeletion", "merge", "restore", "associationChange"})


def receive(request: WebhookRequest, settings: Mapping[str, str], kinds: Iterable[Kind]) -> Sequence[Hint]:
    """Verify the exact bytes, then return what may have changed; events about other kinds of objects give nothing."""
    secret = settings.get("client_secret", "")
    if settings.get("webhook_signature") == "v1":
        _verify_old(request, secret)
    else:
        _verify(request, secret)
    events = parse(request)
    if not isinstance(events, list):
        raise BadPayload("A HubSpot webhook is a list of events.")
    streams = {name: kind.stream for kind in kinds for name in (kind.event, kind.type_id)}
    try:
        hints = [hint for event in events for hint in _hints(event, streams)]
    except (KeyError, TypeError, AttributeError):
        raise BadPayload("A HubSpot webhook names no record.") from None
    return list(dict.fromkeys(hints))


def _verify(request: WebhookRequest, secret: str) -> None:
    stamp = header_of(request, TIME)
    address = request.url
    for escaped, plain in UNESCAPED.items():
        address = address.replace(escaped, plain).replace(escaped.lower(), plain)
    message = b"POST" + address.encode() + request.body + stamp.encode("utf-8", "surrogateescape")
    verify(request, header=SIGNATURE, secret=secret, message=message)
    fresh(stamp[:-3], request.received_at)


def _verify_old(request: WebhookRequest, secret: str) -> None:
    if not secret:
        raise Forged("No webhook secret is set, so no webhook can be believed.", fix="Set it in the connection's settings.")
    expected = hashlib.sha256(secret.encode() + request.body).hexdigest()
    same(expected, [header_of(request, OLD_SIGNATURE)])


def _hints(event: Doc, streams: Mapping[str, str]) -> list[Hint]:
    subject, _, action = str(event["subscriptionType"]).partition(".")
    stream = streams.get(str(event.get("objectTypeId")) if subject == "object" else subject)
    if stream is None or action not in ACTIONS:
        return []
    known = [event[part] for part in ("eventId", "subscriptionId", "occurredAt") if event.get(part) is not None]
    return [Hint(stream, each, ":".join([*map(str, known), each])) for each in _ids(event, action)]


def _ids(event: Doc, action: str) -> list[str]:
    if action == "merge":
        named = [event.get("primaryObjectId"), *(event.get("mergedObjectIds") or []), event.get("newObjectId")]
        found = [_id(each) for each in named if each is not None]
        return list(dict.fromkeys(found)) or [_id(event["objectId"])]
    if action == "associationChange":
        return [_id(event["fromObjectId"])]
    return [_id(event["objectId"])]


def _id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise TypeError
    return str(value)
