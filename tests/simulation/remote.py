"""The habit remote: records, people who edit them, time travel, and a journal that an oracle can judge by.

Journal entries of kind `customer`: `seed`, `create`, `edit`, `delete` by people; `create`, `write`, `delete` by "api"; `restore`,
`undelete`.
Their detail holds `was` and `now` (flat fields that changed), `email`, `in_flight` (requests under way to this remote at that
moment), `source_us` (the time the document claims for it, None where it tells none), for the API also `key`, `changed`, `left_at`
(when the request left the hub) and `asked` (flat fields it wanted different).
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from hub.clock import instant, micros
from hub.model.values import Doc, Micros
from hub.sdk.fake import Fake, Webhook
from tests.simulation import rest
from tests.simulation.habits import SCALARS, Habits, difference, flat

if TYPE_CHECKING:
    from tests.simulation.cabinet import Cabinet
    from tests.simulation.stockroom import Stockroom


@dataclass(slots=True)
class Row:
    """One customer there. `fields`: scalars under their flat names, `tags` and `addresses` as lists."""

    id: int
    fields: Doc
    created_at: Micros
    changed_at: Micros
    touched_at: Micros
    version: int = 1
    marker: str | None = None
    history: list[tuple[Micros, Doc | None]] = field(default_factory=list)


class Backup(NamedTuple):
    """What a remote was at a moment. `keys_known`: the idempotency keys it had seen."""

    rows: dict[int, Row]
    ghosts: dict[int, Row]
    next_id: int
    keys_known: frozenset[str]


class HabitRemote(Fake):
    """One account. `now` is the world's time; what it tells of time is off by its habit."""

    def __init__(self, now: Callable[[], Micros], name: str, habits: Habits, seed: int | str, *, webhook_url: str = "") -> None:
        super().__init__(now, webhook_url=webhook_url)
        self.name = name
        self.habits = habits
        self.secret = f"secret of {name}"
        self.rows: dict[int, Row] = {}
        self.ghosts: dict[int, Row] = {}
        """The last row of every deleted id: a lagging replica still shows it."""
        self.keys: dict[str, tuple[bytes, httpx.Response]] = {}
        self.in_flight: Callable[[], int] = lambda: 0
        self.on_webhook: Callable[[], None] = lambda: None
        self.rng = random.Random(f"remote {name} {seed}")
        self.seen: dict[str, list[tuple[Micros, Micros]]] = {}
        """Per id: (sent, received) of every read whose reply arrived."""
        self.first_left: dict[str, Micros] = {}
        """Per idempotency key: when the first request with it left."""
        self.answered: set[str] = set()
        """Keys of writes whose success was told to the asker."""
        self._unanswered: dict[str, tuple[str, Micros, tuple[str, ...]]] = {}
        self.stockroom: Stockroom | None = None
        self.cabinet: Cabinet | None = None
        self.closed = False
        """People are kept out: it is being restored."""
        self.refuses: set[str] = set()
        """Fields that the API refuses at the moment."""
        self._lost: set[tuple[int, Micros]] = set()
        """Id and birth mark of what a restore lost: given again together, nothing could tell the two records apart."""
        self._next_id = 1
        self._next_element = 1
        self._event = 0

    # --- people

    def create(self, actor: str, fields: Doc, action: str = "create") -> int | None:
        """Add a customer; None where the e-mail must be unique and is taken."""
        taken = self.habits.create == "natural_key" and self.by_email(fields.get("email")) is not None
        if taken or self.closed:
            return None
        return self.insert(actor, fields, action=action).id

    def edit(self, actor: str, row_id: int, changes: Doc, *, at: Micros | None = None) -> bool:
        """Change flat fields (None removes). `at`: when it really happened, for offline batches of a system with a counter."""
        if self.closed:
            return False
        row = self.rows[row_id]
        wanted = copy.deepcopy(row.fields)
        for path, value in changes.items():
            self._put(wanted, path, value)
        return self.store(actor, "edit", row, wanted, at=at)

    def delete(self, actor: str, row_id: int, **detail: object) -> None:
        """Delete a customer."""
        row = self.rows.pop(row_id)
        was = flat(row.fields)
        self.ghosts[row_id] = row
        row.history.append((self.now(), None))
        self.note(
            actor, "delete", "customer", str(row_id),
            was=was, now=dict.fromkeys(was), email=row.fields.get("email"), in_flight=self.in_flight(), **detail,
        )  # fmt: skip
        self._hook(row_id, None)

    def undelete(self, actor: str, row_id: int) -> None:
        """Take a customer out of the bin, as it was."""
        row = self.rows[row_id] = self.ghosts.pop(row_id)
        row.history.append((self.now(), self.document(row)))
        now = flat(row.fields)
        self.note(actor, "undelete", "customer", str(row_id), was=now, now={}, email=row.fields.get("email"))
        self._hook(row_id, row)

    def _put(self, fields: Doc, path: str, value: Any) -> None:
        head, _, tail = path.partition("/")
        if head == "tags":
            fields["tags"] = [t for t in fields["tags"] if t != tail] + ([tail] if value else [])
        elif head == "addresses":
            same = next((a for a in fields["addresses"] if a["line1"] == tail), None)
            if value is None:
                fields["addresses"] = [a for a in fields["addresses"] if a["line1"] != tail]
            elif same is not None:
                same["city"] = value
            else:
                fields["addresses"].append({"line1": tail, "city": value, "postal_code": "10115", "country": "DE"})
        else:
            fields[path] = value

    # --- what people and the API share

    def by_email(self, email: str | None) -> Row | None:
        """Return the first live customer with this e-mail."""
        return next((r for r in self.rows.values() if email and (r.fields.get("email") or "").lower() == email.lower()), None)

    def insert(self, actor: str, fields: Doc, *, marker: str | None = None, action: str = "create", **detail: object) -> Row:
        """Add a row, whoever asks."""
        now = self.now()
        claimed = self.tell(now)
        row = Row(self._fresh_id(), self._stored(fields), claimed, claimed, now, marker=marker)
        self.rows[row.id] = row
        row.history.append((now, self.document(row)))
        shown = flat(row.fields)
        self.note(
            actor, action, "customer", str(row.id), was=dict.fromkeys(shown), now=shown, email=row.fields.get("email"),
            in_flight=self.in_flight(), source_us=claimed, **detail,
        )  # fmt: skip
        self._hook(row.id, row)
        return row

    def store(self, actor: str, action: str, row: Row, wanted: Doc, *, at: Micros | None = None, **detail: object) -> bool:
        """Replace a row's fields by `wanted`, move version and time as the habits have it, write the journal."""
        was, before = flat(row.fields), row.fields
        row.fields = self._stored(wanted, before)
        old, new = difference(was, flat(row.fields))
        loud = any(not self.habits.is_silent(path) for path in new) or (not new and self.habits.bumps_always and actor == "api")
        now = self.now()
        if loud:
            row.version += 1
            row.changed_at = self.tell(now if at is None else at)
            row.touched_at = now
        if new or loud:
            row.history.append((now, self.document(row)))
        if new or actor == "api":
            source = row.changed_at if loud and self.habits.shows_time else None
            self.note(
                actor, action, "customer", str(row.id), was=old, now=new, email=row.fields.get("email"),
                in_flight=self.in_flight(), source_us=source, changed=bool(new), **detail,
            )  # fmt: skip
        if new:
            self._hook(row.id, row)
        return bool(new)

    def tell(self, at: Micros) -> Micros:
        """Return a world time as this system's clock shows it."""
        shown = at + self.habits.clock_off_us
        return shown - shown % self.habits.resolution_us

    def _stored(self, fields: Doc, before: Doc | None = None) -> Doc:
        out: Doc = {path: self.habits.render(path, fields.get(path)) for path in SCALARS}
        out = {path: None if value == "" else value for path, value in out.items()}
        out["tags"] = list(dict.fromkeys(fields.get("tags") or ()))
        known = {a["id"] for a in (before or {}).get("addresses", ())}
        out["addresses"] = [self._element(a, known) for a in fields.get("addresses") or ()]
        return out

    def _element(self, address: Doc, known: set[int]) -> Doc:
        element_id = address.get("id")
        if element_id not in known:
            element_id, self._next_element = self._next_element, self._next_element + 1
        kept = {key: address.get(key) for key in ("line1", "city", "postal_code", "country")}
        return {"id": element_id, **kept}

    def _fresh_id(self) -> int:
        claimed = self.tell(self.now())  # a birth mark as coarse as this clock tells two births apart by time alone
        freed = sorted(
            i for i, g in self.ghosts.items() if i not in self.rows and claimed != g.created_at and (i, claimed) not in self._lost
        )
        if self.habits.reissues_ids and freed and self.rng.random() < 0.7:
            return freed[0]
        while (self._next_id, claimed) in self._lost:
            self._next_id += 1
        fresh, self._next_id = self._next_id, self._next_id + 1
        return fresh

    # --- documents

    def document(self, row: Row) -> Doc:
        """Return a row as this system shows it now."""
        doc: Doc = {"id": str(row.id), "consents": {}, "created_at": instant(row.created_at), "external_ref": row.marker}
        for path in SCALARS:
            head, _, tail = path.partition(".")
            target, key = (doc[head], tail) if tail else (doc, head)
            self._show(target, key, row.fields[path])
        doc["tags"] = list(row.fields["tags"])
        keys = (
            ("id", "line1", "city", "postal_code", "country")
            if self.habits.element_ids
            else ("line1", "city", "postal_code", "country")
        )
        doc["addresses"] = [{key: address[key] for key in keys} for address in row.fields["addresses"]]
        if self.habits.version == "counter":
            doc["version"] = row.version
        if self.habits.shows_time:
            doc["changed_at"] = instant(row.changed_at)
        return doc

    def _show(self, target: Doc, key: str, value: Any) -> None:
        if value is not None:
            target[key] = value
        elif self.habits.empty_as != "missing":
            target[key] = None if self.habits.empty_as == "null" else ""

    def as_of(self, row: Row, when: Micros) -> Doc | None:
        """Return the document a row showed at a world time, not to be changed; None where it was not there."""
        at = bisect_right(row.history, when, key=lambda state: state[0])
        return row.history[at - 1][1] if at else None

    def replica(self) -> Micros:
        """Draw the world time whose state a read shows."""
        lag = self.habits.lag_s
        return self.now() - round(lag * 1e6 * self.rng.random()) if lag and self.rng.random() < 0.5 else self.now()

    def visible(self, when: Micros) -> list[tuple[Row, Doc]]:
        """Return all documents of a world time, oldest change first."""
        rows = [*self.rows.values(), *(g for i, g in self.ghosts.items() if i not in self.rows)]
        shown = [(row, doc) for row in rows if (doc := self.as_of(row, when)) is not None]
        return sorted(shown, key=self.place)

    @staticmethod
    def place(pair: tuple[Row, Doc]) -> tuple[Micros, int]:
        """Return where a record stands in a list: by the time it shows, then by id."""
        row, doc = pair
        return (micros(doc["changed_at"]) if "changed_at" in doc else 0, row.id)

    # --- time travel

    def snapshot(self) -> Backup:
        """Make a backup."""
        return Backup(*copy.deepcopy((self.rows, self.ghosts, self._next_id)), frozenset(self.keys))

    def restore(self, backup: Backup) -> None:
        """Go back to a backup: versions, times, ids, deletions and idempotency keys since are forgotten."""
        before = self.rows
        self.rows, self.ghosts, self._next_id = copy.deepcopy(backup[:3])
        self.keys = {key: answer for key, answer in self.keys.items() if key in backup.keys_known}
        self.note("admin", "restore", "account", self.name)
        for row_id in [i for i in before if i not in self.rows]:
            was = flat(before[row_id].fields)
            self._lost.add((row_id, before[row_id].created_at))
            self.note("admin", "lost", "customer", str(row_id), was=was, now={}, email=before[row_id].fields.get("email"))
        for row in self.rows.values():
            row.history.append((self.now(), self.document(row)))
            old, new = difference(flat(before[row.id].fields), flat(row.fields)) if row.id in before else ({}, {})
            self.note("admin", "restored", "customer", str(row.id), was=old, now=new, email=row.fields.get("email"))

    # --- the wire

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if self.stockroom is not None and self.stockroom.is_asked(request):
            return self.stockroom.respond(request)
        if self.cabinet is not None and self.cabinet.is_asked(request):
            return self.cabinet.respond(request)
        return rest.respond(self, request)

    def left(self, request: httpx.Request, at: Micros) -> None:
        """Note that a request left its asker."""
        key = request.headers.get("idempotency-key")
        if key is None:
            return
        self.first_left.setdefault(key, at)
        if request.method == "PATCH":
            names = tuple(json.loads(request.content)["set"])
            self._unanswered[key] = (request.url.path.rpartition("/")[2], at, names)

    def unanswered(self, external_id: str, path: str) -> list[Micros]:
        """Return when writes of a flat field left whose answer never arrived."""
        head = path.partition("/")[0].partition(".")[0]
        return [at for name, at, names in self._unanswered.values() if name == external_id and head in names]

    def delivered(self, request: httpx.Request, response: httpx.Response, sent_at: Micros) -> None:
        """Note that a reply reached the asker."""
        key = request.headers.get("idempotency-key", "")
        self._unanswered.pop(key, None)
        if response.is_success and key:
            self.answered.add(key)
        for external_id in response.extensions.get("shown", ()):
            self.seen.setdefault(external_id, []).append((sent_at, self.now()))

    def _hook(self, row_id: int, row: Row | None) -> None:
        if not (self.habits.webhooks and self.webhook_url):
            return
        self._event += 1
        body = json.dumps(
            {"event": f"{self.name}-{self._event}", "id": str(row_id), "doc": self.document(row) if row else None}
        ).encode()
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        self.webhooks.append(Webhook(self.now(), {"x-signature": signature}, body))
        self.on_webhook()
