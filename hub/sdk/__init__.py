"""The only thing a connector imports.

In: a connection's settings and an HTTP transport. Out: pages of documents, answers to calls, webhook hints. Retry, limits,
auth headers' redaction and logging live here once.
"""

from hub.errors import BadPayload, Forged, PermissionMissing, RateLimited, TimedOut, Unavailable
from hub.model.traits import Act
from hub.sdk.base import (
    Answer,
    AnswerKind,
    Call,
    Change,
    Connector,
    Cursor,
    Hint,
    Http,
    Operation,
    Page,
    Reply,
    Safe,
    Sink,
    Stream,
    Subscriber,
    Subscription,
    VersionKind,
    WebhookRequest,
)

__all__ = [
    "Act",
    "Answer",
    "AnswerKind",
    "BadPayload",
    "Call",
    "Change",
    "Connector",
    "Cursor",
    "Forged",
    "Hint",
    "Http",
    "Operation",
    "Page",
    "PermissionMissing",
    "RateLimited",
    "Reply",
    "Safe",
    "Sink",
    "Stream",
    "Subscriber",
    "Subscription",
    "TimedOut",
    "Unavailable",
    "VersionKind",
    "WebhookRequest",
]
