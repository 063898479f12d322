"""What every part of the simulator shares: the account's state, its clock, ids, errors, limits and outgoing webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from hub.model.values import SECOND, Doc, Micros
from hub.sdk.fake import Entry, Webhook

API: Final = "api"
PORTAL: Final = 62515
EVENTS_AT_ONCE: Final = 100
HISTORY: Final = 20
TYPE_IDS: Final = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-5": "tickets", "0-123": "orders", "0-46": "notes"}
EVENTS: Final = {"contacts": "contact", "companies": "company", "0-3": "deal", "tickets": "ticket"}
"""The kinds whose webhook topics carry their name."""


@dataclass(eq=False)
class Failure(Exception):
    """A request that is refused, with HubSpot's error shape."""

    status: int
    category: str
    message: str
    errors: list[Doc] = field(default_factory=list)
    more: Doc = field(default_factory=dict)

    def body(self, correlation_id: str) -> Doc:
        """Return the error body."""
        body: Doc = {"status": "error", "message": self.message, "correlationId": correlation_id, "category": self.category}
        return body | ({"errors": self.errors} if self.errors else {}) | self.more

    def in_batch(self) -> Doc:
        """Return the error as it stands beside the results of a batch."""
        known: Doc = {"status": str(self.status), "category": self.category, "message": self.message, "links": {}}
        return known | {"context": self.more.get("context", {}), "errors": self.errors}


def invalid(message: str, *errors: Doc) -> Failure:
    """Make a 400 of category VALIDATION_ERROR."""
    return Failure(400, "VALIDATION_ERROR", message, list(errors))


def not_valid(name: str, code: str, text: str) -> Failure:
    """Make the 400 for a property value, with the complaint as JSON inside the message, as HubSpot does."""
    complaint = [{"isValid": False, "message": text, "error": code, "name": name, "localizedErrorMessage": text}]
    error = {"message": text, "code": code, "context": {"propertyName": [name]}}
    return invalid(f"Property values were not valid: {json.dumps(complaint)}", error)


def missing() -> Failure:
    """Make a 404."""
    return Failure(404, "OBJECT_NOT_FOUND", "resource not found")


def iso(at: Micros) -> str:
    """Write RFC 3339 with milliseconds, as HubSpot does."""
    seconds, rest = divmod(at, SECOND)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest // 1000:03d}Z"


def millis(text: str) -> int:
    """Read RFC 3339 as ms since 1970."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@dataclass(slots=True)
class Record:
    """One CRM object. `history`: property -> what it was, newest first; `seen`: what a search could see, oldest first."""

    id: str
    path: str
    created_at: Micros
    updated_at: Micros
    archived_at: Micros | None = None
    history: dict[str, list[Doc]] = field(default_factory=dict)
    seen: list[tuple[Micros, dict[str, str] | None]] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        """Return one property as it is; None: it has no value."""
        entries = self.history.get(name)
        return entries[0]["value"] or None if entries else None

    def values(self) -> dict[str, str]:
        """Return its properties as they are; one without a value is not there."""
        return {name: entries[0]["value"] for name, entries in self.history.items() if entries[0]["value"] != ""}


@dataclass(slots=True)
class State:
    """Everything a backup of the account would hold.

    `links`: (path, id, other path) -> associations, in order. `merged`: id that went into a merge -> id that came out.
    """

    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    properties: dict[str, dict[str, Doc]] = field(default_factory=dict)
    links: dict[tuple[str, str, str], list[Doc]] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)


class Account(Protocol):
    """What `Core` needs of the fake it belongs to."""

    now: Callable[[], Micros]
    webhook_url: str
    journal: list[Entry]
    webhooks: list[Webhook]

    def note(self, actor: str, action: str, kind: str, external_id: str, **detail: object) -> None:
        """Write the journal."""


class Core:
    """One account's state, and what stands between it and the outside."""

    def __init__(self, account: Account, *, client_secret: str) -> None:
        self.account = account
        self.client_secret = client_secret
        self.state = State()
        self.events: list[Doc] = []
        self._drawn: Counter[str] = Counter()

    def now(self) -> Micros:
        """Return the account's clock."""
        return self.account.now()

    def draw(self, kind: str, first: int) -> int:
        """Draw a number of a kind, growing from `first`. None is ever drawn again, not even after a restored backup."""
        self._drawn[kind] += 1
        return first + self._drawn[kind] - 1

    def correlation_id(self) -> str:
        """Draw an id for an error."""
        digest = hashlib.sha256(str(self.draw("error", 1)).encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"

    def emit(self, path: str, action: str, object_id: str, actor: str, **more: Any) -> None:
        """Queue an event, where somebody subscribed."""
        if not self.account.webhook_url:
            return
        event: Doc = {"eventId": self.draw("event", 100), "subscriptionId": 12345, "portalId": PORTAL, "appId": 54321}
        event |= {
            "occurredAt": self.now() // 1000,
            "attemptNumber": 0,
            "changeSource": "INTEGRATION" if actor == API else "CRM_UI",
        }
        if path in EVENTS:
            event["subscriptionType"] = f"{EVENTS[path]}.{action}"
        else:
            type_id = next(number for number, name in TYPE_IDS.items() if path in (name, number))
            event |= {"subscriptionType": f"object.{action}", "objectTypeId": type_id}
        self.events.append(event | ({} if action == "associationChange" else {"objectId": int(object_id)}) | more)

    def pack(self) -> None:
        """Sign the queued events, up to 100 in one webhook."""
        waiting, self.events = self.events, []
        for start in range(0, len(waiting), EVENTS_AT_ONCE):
            self.account.webhooks.append(self._signed(waiting[start : start + EVENTS_AT_ONCE]))

    def _signed(self, events: list[Doc]) -> Webhook:
        now = self.now()
        body = json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode()
        stamp = str(now // 1000)
        message = b"POST" + self.account.webhook_url.encode() + body + stamp.encode()
        digest = hmac.new(self.client_secret.encode(), message, hashlib.sha256).digest()
        old = hashlib.sha256(self.client_secret.encode() + body).hexdigest()
        headers = {
            "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
            "x-hubspot-request-timestamp": stamp,
            "x-hubspot-signature": old,
            "x-hubspot-signature-version": "v1",
            "content-type": "application/json",
        }
        return Webhook(now, headers, body)


class Limits:
    """Requests per rolling 10 s, searches per rolling second, requests per day. None: no limit of that kind."""

    def __init__(
        self, now: Callable[[], Micros], *, per_interval: int | None, searches_per_s: int | None, daily: int | None
    ) -> None:
        self.now = now
        self.per_interval = per_interval
        self.searches_per_s = searches_per_s
        self.daily = daily
        self.refused: Counter[str] = Counter()
        self._calls: deque[Micros] = deque()
        self._searches: deque[Micros] = deque()

    def admit(self, *, search: bool) -> dict[str, str]:
        """Count a request and return the headers of its answer. Raises Failure 429."""
        if self.daily is not None and self.daily <= 0:
            raise self._over("DAILY")
        if _full(self._calls, self.per_interval, self.now() - 10 * SECOND):
            raise self._over("TEN_SECONDLY_ROLLING")
        if search and _full(self._searches, self.searches_per_s, self.now() - SECOND):
            raise self._over("SECONDLY")
        self._calls.append(self.now())
        self.daily = None if self.daily is None else self.daily - 1
        if search:
            self._searches.append(self.now())
            return {}
        return self.headers()

    def headers(self) -> dict[str, str]:
        """Return what answers tell of the limits; those of a search tell nothing."""
        if self.per_interval is None:
            return {}
        left = max(0, self.per_interval - len(self._calls))
        told = {"Max": self.per_interval, "Remaining": left, "Interval-Milliseconds": 10_000}
        told |= {} if self.daily is None else {"Daily": 250_000, "Daily-Remaining": self.daily}
        return {f"X-HubSpot-RateLimit-{name}": str(value) for name, value in told.items()}

    def _over(self, policy: str) -> Failure:
        self.refused[policy] += 1
        more = {"errorType": "RATE_LIMIT", "policyName": policy}
        return Failure(429, "RATE_LIMITS", f"You have reached your {policy.lower()} limit.", more=more)


def _full(times: deque[Micros], highest: int | None, since: Micros) -> bool:
    while times and times[0] <= since:
        times.popleft()
    return highest is not None and len(times) >= highest


def number_of(params: Mapping[str, str], name: str, default: int, highest: int) -> int:
    """Return a number of the query. Raises Failure where it is none, or out of range."""
    text = params.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= highest:
        raise invalid(f"{name} must be between 1 and {highest}")
    return int(text)
