"""What every noun of the simulator shares: state, ids, times, errors, limits, paging of exports, outgoing webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from hub.model.values import SECOND, Doc, Micros
from hub.sdk.fake import Entry, Webhook

API: Final = "api"
SITE: Final = "https://fake.zendesk.test"
ACCOUNT_ID: Final = 12514403
MINUTE: Final = 60 * SECOND
FIRST_IDS: Final = {
    "user": 360_000_000_000,
    "identity": 370_000_000_000,
    "organization": 380_000_000_000,
    "comment": 390_000_000_000,
}


@dataclass(eq=False)
class Failure(Exception):
    """A request that is refused, with one of Zendesk's error shapes."""

    status: int
    error: str
    description: str = ""
    details: dict[str, list[Doc]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> Doc:
        """Return the error body."""
        body: Doc = {"error": self.error}
        body |= {"description": self.description} if self.description else {}
        return body | ({"details": self.details} if self.details else {})


def invalid(name: str, text: str, code: str = "") -> Failure:
    """Make a 422 that blames one field."""
    problem = {"description": f"{name.capitalize()}: {text}"} | ({"error": code} if code else {})
    return Failure(422, "RecordInvalid", "Record validation errors", {name: [problem]})


def missing() -> Failure:
    """Make the 404 of a record."""
    return Failure(404, "RecordNotFound", "Not found")


def iso(at: Micros) -> str:
    """Write a time as Zendesk does: UTC, whole seconds."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> int:
    """Read such a time."""
    return int(datetime.fromisoformat(text).timestamp())


@dataclass(slots=True)
class State:
    """Everything a backup of the account would hold.

    `touched`: (noun, id) -> (second, number) of the last change; exports are ordered by it. `replies`: idempotency key ->
    digest of the request, its answer, and when.
    """

    users: dict[int, Doc] = field(default_factory=dict)
    identities: dict[int, Doc] = field(default_factory=dict)
    organizations: dict[int, Doc] = field(default_factory=dict)
    tickets: dict[int, Doc] = field(default_factory=dict)
    comments: dict[int, list[Doc]] = field(default_factory=dict)
    touched: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    replies: dict[str, tuple[str, Doc, Micros]] = field(default_factory=dict)


class Account(Protocol):
    """What `Core` needs of the fake it belongs to."""

    now: Callable[[], Micros]
    webhook_url: str
    journal: list[Entry]
    webhooks: list[Webhook]

    def note(self, actor: str, action: str, kind: str, external_id: str, **detail: object) -> None:
        """Write the journal."""


class Core:
    """The account behind all nouns. `*_per_minute` None: no limit."""

    def __init__(
        self, account: Account, *, secret: str, per_minute: int | None, exports_per_minute: int | None, export_page: int
    ) -> None:
        self.account = account
        self.secret = secret
        self.state = State()
        self.per_minute = per_minute
        self.exports_per_minute = exports_per_minute
        self.export_page = export_page
        self._drawn: Counter[str] = Counter()
        self._used: dict[str, tuple[int, int]] = {}

    def now(self) -> Micros:
        """Return the account's clock."""
        return self.account.now()

    def new_id(self, kind: str) -> int:
        """Draw an id. Ids are never drawn again, not even after a restored backup."""
        self._drawn[kind] += 1
        return FIRST_IDS.get(kind, 0) + self._drawn[kind]

    def touch(self, noun: str, record_id: int) -> None:
        """Write down that a record changed now, which moves it to the end of its export."""
        self._drawn["touch"] += 1
        self.state.touched[noun, record_id] = (self.now() // SECOND, self._drawn["touch"])

    # ---- limits

    def count(self, *, export: bool) -> dict[str, str]:
        """Count a request; return what the answer's headers say of the limits. Raises Failure 429."""
        headers: dict[str, str] = {}
        if self.per_minute is not None:
            left, resets = self._spend("account", self.per_minute)
            headers |= {"X-Rate-Limit": str(self.per_minute), "X-Rate-Limit-Remaining": str(max(left, 0))}
            headers |= {"ratelimit-limit": str(self.per_minute), "ratelimit-remaining": str(max(left, 0))}
            headers |= {"ratelimit-reset": str(resets)}
            _check(left, resets, headers, "Number of allowed API requests per minute exceeded")
        if export and self.exports_per_minute is not None:
            left, resets = self._spend("exports", self.exports_per_minute)
            told = f"total={self.exports_per_minute}; remaining={max(left, 0)}; resets={resets}"
            headers["Zendesk-RateLimit-incremental-exports-cursor"] = told
            _check(left, resets, headers, "Number of allowed incremental export API requests per minute exceeded")
        return headers

    def _spend(self, name: str, most: int) -> tuple[int, int]:
        """Count one request in the window of this minute; return how many are left (negative: too many) and its end in s."""
        now = self.now()
        window, used = self._used.get(name, (0, 0))
        used = used + 1 if window == now // MINUTE else 1
        self._used[name] = (now // MINUTE, used)
        return most - used, 60 - now % MINUTE // SECOND

    # ---- exports

    def export(self, noun: str, records: dict[int, Doc], params: Doc, most: int | None = None) -> tuple[list[Doc], Doc]:
        """Return the records of one page of a cursor export, and the rest of the answer.

        Ordered by time of change; nothing of the most recent minute is given.
        """
        last = self.now() // SECOND - 60
        after = self._start(params, last)
        rows = sorted((place, records[one]) for (what, one), place in self.state.touched.items() if what == noun)
        rows = [row for row in rows if after < row[0] and row[0][0] <= last]
        size = min(most or self.export_page, self.export_page)
        chosen = rows[:size]
        more = len(rows) > size
        place = chosen[-1][0] if chosen else after
        cursor = base64.b64encode(f"{place[0]}.0||{place[1]}|{self._seal(place)}".encode()).decode()
        url = f"{SITE}/api/v2/incremental/{noun}/cursor.json?cursor={cursor}"
        answer: Doc = {"after_cursor": cursor, "after_url": url, "before_cursor": None, "before_url": None}
        return [row[1] for row in chosen], answer | {"end_of_stream": not more}

    def _start(self, params: Doc, last: int) -> tuple[int, int]:
        cursor, start = params.get("cursor"), params.get("start_time")
        if cursor:
            return self._open(cursor)
        if start is None or not str(start).isdigit():
            raise Failure(400, "InvalidValue", "start_time is missing or no number")
        if int(start) > last:
            raise Failure(400, "StartTimeTooRecent", "Too recent start_time. Use a start_time older than 1 minute")
        return int(start), -1

    def _seal(self, place: tuple[int, int]) -> str:
        return hmac.new(self.secret.encode(), str(place).encode(), hashlib.sha256).hexdigest()[:8]

    def _open(self, cursor: str) -> tuple[int, int]:
        try:
            second, _, number, seal = base64.b64decode(cursor, validate=True).decode().split("|")
            place = (int(second.partition(".")[0]), int(number))
        except ValueError:
            raise Failure(400, "InvalidCursor", "The cursor is invalid.") from None
        if not hmac.compare_digest(seal, self._seal(place)):
            raise Failure(400, "InvalidCursor", "The cursor is invalid.")
        return place

    # ---- webhooks

    def emit(self, kind: str, noun: str, record_id: int, detail: Doc, event: Doc) -> None:
        """Queue a signed event, where somebody subscribed."""
        if not self.account.webhook_url:
            return
        now = self.now()
        self._drawn["event"] += 1
        event_id = hashlib.sha256(f"event:{self._drawn['event']}".encode()).hexdigest()[:32]
        message: Doc = {"account_id": ACCOUNT_ID, "detail": detail, "event": event, "id": event_id}
        message |= {"subject": f"zen:{noun}:{record_id}", "time": iso(now), "type": f"zen:event-type:{kind}"}
        message["zendesk_event_version"] = "2022-06-20" if noun == "user" else "2022-11-06"
        body = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
        self.account.webhooks.append(Webhook(now, signed(self.secret, iso(now), body), body))


def signed(secret: str, at: str, body: bytes) -> dict[str, str]:
    """Return the headers of a webhook."""
    digest = hmac.new(secret.encode(), at.encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "x-zendesk-account-id": str(ACCOUNT_ID),
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": at,
    }


def _check(left: int, resets: int, headers: dict[str, str], text: str) -> None:
    if left < 0:
        raise Failure(429, "APIRateLimitExceeded", text, headers=headers | {"Retry-After": str(resets)})


def numbers(params: Doc, name: str = "ids") -> list[int]:
    """Return the ids of a comma-separated parameter. Raises Failure where they are none or too many."""
    given = str(params.get(name) or "").split(",")
    if not all(each.isdigit() for each in given):
        raise Failure(400, "InvalidValue", f"{name} must be numbers")
    if len(given) > 100:
        raise Failure(400, "TooManyValues", f"at most 100 {name}")
    return [int(each) for each in given]


def wanted(params: Doc) -> Sequence[str]:
    """Return the sideloads asked for."""
    return [each for each in str(params.get("include") or "").split(",") if each]


def expect(body: Any, name: str) -> Doc:
    """Return the object `name` of a request's body. Raises Failure where there is none."""
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, dict):
        raise Failure(400, "RequiredParameterMissing", f"Parameter {name} is required")
    return value
