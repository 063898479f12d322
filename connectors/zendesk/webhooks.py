"""Events: verified, then turned into hints. Bodies are never taken as data.

Signature: base64 of HMAC-SHA256 over timestamp + body with the signing secret as text (developer.zendesk.com, "Verifying
webhook authenticity"). Shape: developer.zendesk.com/api-reference/webhooks/event-types. Event names are
`zen:event-type:user.created`; for some the vendor's pages write a slash instead of the second colon, so both are understood.
A comment is part of its ticket's document.
"""

from __future__ import annotations

import re
from typing import Any, Final

from hub.sdk import BadPayload, Hint, WebhookRequest
from hub.sdk.webhooks import header_of, parse_object, verify

SIGNATURE: Final = "x-zendesk-webhook-signature"
TIMESTAMP: Final = "x-zendesk-webhook-signature-timestamp"
KIND: Final = re.compile(r"zen:event-type[:/](user|ticket|messaging_ticket)\.\w+")
SUBJECT: Final = re.compile(r"zen:(?:user|ticket):(\d+)")
STREAMS: Final = {"user": "users", "ticket": "tickets", "messaging_ticket": "tickets"}


def read_hints(request: WebhookRequest, secret: str) -> list[Hint]:
    """Return what may have changed. Raises Forged before anything is parsed, BadPayload when the body is not an event."""
    signed = header_of(request, TIMESTAMP).encode("utf-8", "surrogateescape") + request.body
    verify(request, header=SIGNATURE, secret=secret, message=signed)
    event = parse_object(request)
    kind, event_id = event.get("type"), event.get("id")
    if not isinstance(kind, str):
        raise BadPayload("This is not a Zendesk event.")
    known = KIND.fullmatch(kind)
    stream = STREAMS.get(known[1]) if known else None
    return [Hint(stream, _record(event), str(event_id) if event_id else None)] if stream else []


def _record(event: dict[str, Any]) -> str:
    """Return the id of what the event is about: its subject `zen:user:1`, else its detail."""
    subject = SUBJECT.fullmatch(str(event.get("subject")))
    if subject:
        return subject[1]
    detail = event.get("detail")
    found = str(detail.get("id") or "") if isinstance(detail, dict) else ""
    if not found.isdigit():
        raise BadPayload("A Zendesk event names no record.")
    return found
