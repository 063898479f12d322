"""What every noun of the simulator shares: the account's state, its clock, ids, errors, paging and outgoing webhooks."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from hub.model.values import Doc, Micros
from hub.sdk.fake import Entry, Webhook

API = "api"
MERCHANT = "MLFAKESELLER1"


@dataclass(eq=False)
class Failure(Exception):
    """A request that is refused, with Square's error shape."""

    status: int
    code: str
    detail: str
    field: str | None = None
    category: str = "INVALID_REQUEST_ERROR"

    def body(self) -> Doc:
        """Return the error body."""
        error = {"category": self.category, "code": self.code, "detail": self.detail}
        return {"errors": [error | ({"field": self.field} if self.field else {})]}


def bad(code: str, detail: str, name: str | None = None) -> Failure:
    """Make a 400."""
    return Failure(400, code, detail, name)


def missing(what: str, key: str) -> Failure:
    """Make a 404."""
    return Failure(404, "NOT_FOUND", f"{what} with ID `{key}` not found.")


def iso(at: Micros) -> str:
    """Write RFC 3339 with milliseconds, as Square does."""
    seconds, rest = divmod(at, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest // 1000:03d}Z"


def read_time(text: Any, name: str) -> Micros:
    """Read RFC 3339. Raises Failure INVALID_TIME."""
    try:
        at = datetime.fromisoformat(str(text))
        delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, TypeError):
        raise bad("INVALID_TIME", "Not an RFC 3339 timestamp.", name) from None
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


@dataclass(slots=True)
class Movement:
    """One change of an inventory quantity: a physical count, or an adjustment between two states."""

    id: str
    type: str
    variation_id: str
    location_id: str
    quantity: str
    from_state: str
    to_state: str
    occurred_at: Micros
    created_at: Micros
    order: int
    reference_id: str | None = None


@dataclass(slots=True)
class State:
    """Everything a backup of the account would hold.

    `customers`: id -> what it was, oldest first, with the time from which it was so; None: deleted.
    `items` and `variations` hold catalog objects, deleted ones too; `replies` answers by idempotency key.
    """

    customers: dict[str, list[tuple[Micros, Doc | None]]] = field(default_factory=dict)
    items: dict[str, Doc] = field(default_factory=dict)
    variations: dict[str, Doc] = field(default_factory=dict)
    locations: dict[str, Doc] = field(default_factory=dict)
    movements: dict[tuple[str, str], list[Movement]] = field(default_factory=dict)
    orders: dict[str, Doc] = field(default_factory=dict)
    payments: dict[str, Doc] = field(default_factory=dict)
    refunds: dict[str, Doc] = field(default_factory=dict)
    replies: dict[str, tuple[str, Doc]] = field(default_factory=dict)
    catalog_version: int = 0


class Account(Protocol):
    """What `Core` needs of the fake it belongs to."""

    now: Callable[[], Micros]
    webhook_url: str
    journal: list[Entry]
    webhooks: list[Webhook]

    def note(self, actor: str, action: str, kind: str, external_id: str, **detail: object) -> None:
        """Write the journal."""


class Core:
    """The account behind all nouns."""

    def __init__(self, account: Account, *, country: str, currency: str, signature_key: str) -> None:
        self.account = account
        self.country = country
        self.currency = currency
        self.signature_key = signature_key
        self.state = State()
        self._drawn: Counter[str] = Counter()

    def now(self) -> Micros:
        """Return the account's clock."""
        return self.account.now()

    def new_id(self, kind: str, length: int = 24) -> str:
        """Draw an id of a kind. Ids are never drawn again, not even after a restored backup."""
        self._drawn[kind] += 1
        digest = hashlib.sha256(f"{kind}:{self._drawn[kind]}".encode()).digest()
        return base64.b32encode(digest).decode().rstrip("=")[:length]

    def next_order(self) -> int:
        """Draw a number that grows."""
        self._drawn["order"] += 1
        return self._drawn["order"]

    def once(self, path: str, body: Doc, act: Callable[[], Doc], *, longest: int) -> Doc:
        """Do it once per idempotency key: the same body gets the same answer, another body is refused.

        A refused request leaves no trace: its key may be used again.
        """
        key = body.get("idempotency_key")
        if key is None:
            return act()
        if not isinstance(key, str) or not key:
            raise bad("VALUE_EMPTY", "The idempotency key must not be empty.", "idempotency_key")
        if len(key) > longest:
            raise bad("VALUE_TOO_LONG", f"At most {longest} characters.", "idempotency_key")
        digest = hashlib.sha256(json.dumps([path, body], sort_keys=True).encode()).hexdigest()
        known = self.state.replies.get(key)
        if known is None:
            answer = act()
            self.state.replies[key] = (digest, copy.deepcopy(answer))
            return answer
        if known[0] != digest:
            raise bad("IDEMPOTENCY_KEY_REUSED", "The idempotency key was used with another request.", "idempotency_key")
        return copy.deepcopy(known[1])

    def emit(self, kind: str, data: Doc, **more: str) -> None:
        """Queue a signed webhook, where somebody subscribed."""
        url = self.account.webhook_url
        if not url:
            return
        now = self.now()
        event: Doc = {"merchant_id": MERCHANT, **more, "type": kind, "event_id": self.new_id("event", 32)}
        event |= {"created_at": iso(now), "data": data}
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        digest = hmac.new(self.signature_key.encode(), url.encode() + body, hashlib.sha256).digest()
        headers = {"x-square-hmacsha256-signature": base64.b64encode(digest).decode(), "content-type": "application/json"}
        self.account.webhooks.append(Webhook(now, headers, body))


def page(rows: Sequence[tuple[str, Any]], body: Doc, limit: int, *, query_of: str) -> tuple[list[Any], str | None]:
    """Return the page of `rows` (sort key, value; in order) that the cursor in `body` names, and the cursor of the next one.

    The cursor is tied to the query: with another query, or altered, it is INVALID_CURSOR.
    """
    query = json.dumps({k: v for k, v in body.items() if k != "cursor"}, sort_keys=True)
    after = _open_cursor(body["cursor"], query, query_of) if body.get("cursor") else None
    start = 0 if after is None else next((i for i, (key, _) in enumerate(rows) if key > after), len(rows))
    chosen = rows[start : start + limit]
    more = start + limit < len(rows)
    return [value for _, value in chosen], _make_cursor(chosen[-1][0], query, query_of) if more else None


def _seal(position: str, query: str, query_of: str) -> str:
    return hashlib.sha256(f"{query_of}|{query}|{position}".encode()).hexdigest()[:16]


def _make_cursor(position: str, query: str, query_of: str) -> str:
    return base64.urlsafe_b64encode(f"{_seal(position, query, query_of)}{position}".encode()).decode()


def _open_cursor(cursor: Any, query: str, query_of: str) -> str:
    failure = bad("INVALID_CURSOR", "The pagination cursor is invalid.", "cursor")
    try:
        text = base64.b64decode(str(cursor), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise failure from None
    if not hmac.compare_digest(text[:16], _seal(text[16:], query, query_of)):
        raise failure
    return text[16:]


def limit_of(body: Doc, default: int, highest: int) -> int:
    """Return the page size asked for. Raises Failure VALUE_TOO_LOW or VALUE_TOO_HIGH."""
    limit = body.get("limit")
    if limit is None:
        return default
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise bad("EXPECTED_INTEGER", "Expected an integer value.", "limit")
    if limit < 1:
        raise bad("VALUE_TOO_LOW", "At least 1.", "limit")
    if limit > highest:
        raise bad("VALUE_TOO_HIGH", f"At most {highest}.", "limit")
    return limit


def ids_of(body: Doc, name: str, highest: int) -> list[str]:
    """Return a required list of ids. Raises Failure when it is empty or too long."""
    ids = body.get(name)
    if not isinstance(ids, list):
        raise bad("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", name)
    if not ids:
        raise bad("ARRAY_EMPTY", "Must not be empty.", name)
    if len(ids) > highest:
        raise bad("ARRAY_LENGTH_TOO_LONG", f"At most {highest} elements.", name)
    return [str(each) for each in ids]
