"""What HubSpot's error bodies mean for one write.

Shapes: `{status, category, message, correlationId, errors: [{message, code, in, context}]}` (vendor's contract); a batch answers
207 with such errors beside its results. A taken e-mail address is a 409 with category CONFLICT and the words "Contact already
exists" (HubSpot/hubspot-api-nodejs#545). Values that are not valid are listed as JSON inside the message, each with `name` and
`error` (gitcoinco/code_fund_ads#479 and many others). Messages quote values, so only names and codes are repeated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Reply

TAKEN: Final = ("already exists", "already has that value")
REASONS: Final = {
    "INVALID_EMAIL": "HubSpot does not accept this e-mail address.",
    "INVALID_OPTION": "This is none of the options that HubSpot knows for the property.",
    "PROPERTY_DOESNT_EXIST": "HubSpot has no such property.",
    "READ_ONLY_VALUE": "HubSpot sets this property itself.",
    "INVALID_NUMBER": "HubSpot expects a number here.",
    "INVALID_DATE": "HubSpot expects a date here.",
}
_LISTED: Final = re.compile(r"\[\{.*\}\]", re.DOTALL)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


def refusal(reply: Reply, blames: Mapping[str, str]) -> Answer | None:
    """Return the answer that an error reply stands for, None where it is a success. `blames`: property -> our path."""
    error = _error(reply)
    if error is None:
        return None
    category, message = str(error.get("category") or ""), str(error.get("message") or "")
    code, name = _blamed(error, message)
    kind = _kind(str(error.get("status") or reply.status), category, message)
    if kind is AnswerKind.CLASH and name is None and message.startswith("Contact already exists"):
        name = "email"
    path = blames.get(name, f"properties.{name}") if name else None
    told = code or category or str(reply.status)
    return Answer(kind, blames=path, reason=REASONS.get(code, f"HubSpot answered {told}."))


def _error(reply: Reply) -> Doc | None:
    body = reply.body if isinstance(reply.body, dict) else {}
    if reply.status >= 400:
        return body
    errors = body.get("errors") if reply.status == 207 else None
    return errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None


def _kind(status: str, category: str, message: str) -> AnswerKind:
    if status == "409" or category == "CONFLICT" or any(sign in message for sign in TAKEN):
        return AnswerKind.CLASH
    if status == "404" or category == "OBJECT_NOT_FOUND":
        return AnswerKind.GONE
    return AnswerKind.REFUSED


def _blamed(error: Doc, message: str) -> tuple[str, str | None]:
    """Return code and property of the first complaint; empty and None where there is none that can be read."""
    listed = _LISTED.search(message)
    for one in [*_complaints(listed.group() if listed else ""), *(error.get("errors") or [])]:
        if not isinstance(one, dict):
            continue
        named = (one.get("context") or {}).get("propertyName") or [one.get("name") or one.get("in") or ""]
        name = str(named[0])
        if _NAME.fullmatch(name):
            return str(one.get("error") or one.get("code") or ""), name
    return "", None


def _complaints(text: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []
