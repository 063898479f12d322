"""The stock of a habit remote: a few levels at one location, moved by people and by the API, and a ledger nobody else writes.

Switched on by `WorldSpec.stock`; without it no request, random number or journal line of a world is different.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from hub.clock import instant
from hub.model.values import SECOND, Doc, Micros
from hub.sdk.base import VersionKind
from hub.sdk.fake import Webhook
from tests.simulation.baton import Baton
from tests.simulation.remote import HabitRemote

SKUS: Final = ("S-1", "S-2")
PLACE: Final = "p1"


@dataclass(slots=True)
class Shelf:
    """One level. `history`: (world time, document) of every state."""

    units: int
    version: int = 1
    changed_at: Micros = 0
    history: list[tuple[Micros, Doc]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the remote's own ledger. `actor` is "api" for the hub."""

    at: Micros
    actor: str
    sku: str
    delta: int
    key: str = ""

    @property
    def external_id(self) -> str:
        """Return the id of its level."""
        return f"level-{self.sku}"


class Stockroom:
    """What a remote knows of stock."""

    def __init__(self, remote: HabitRemote, opening: dict[str, int]) -> None:
        self.remote = remote
        self.opening = opening
        self.shelves = {sku: Shelf(units) for sku, units in opening.items()}
        self.ledger: list[Move] = []
        self.keys: dict[str, tuple[bytes, httpx.Response]] = {}
        self._event = 0
        for sku in opening:
            self._settle(sku)

    def move(self, actor: str, sku: str, delta: int, key: str = "", at: Micros | None = None) -> None:
        """Sell, receive or correct: units come or go. `at`: when it really happened, where that is told later."""
        shelf = self.shelves[sku]
        shelf.units += delta
        shelf.version += 1
        self.ledger.append(Move(self.remote.now(), actor, sku, delta, key))
        self._settle(sku, at)
        self._hook(sku)

    def count(self, actor: str, sku: str, found: int) -> None:
        """Set what was counted: the difference is in the ledger."""
        if found != self.shelves[sku].units:
            self.move(actor, sku, found - self.shelves[sku].units)

    def _settle(self, sku: str, at: Micros | None = None) -> None:
        shelf = self.shelves[sku]
        shelf.changed_at = self.remote.tell(self.remote.now() if at is None else at)
        shelf.history.append((self.remote.now(), self.document(sku)))

    def document(self, sku: str) -> Doc:
        """Return a level as this system shows it now."""
        shelf, habits = self.shelves[sku], self.remote.habits
        doc: Doc = {"id": f"level-{sku}", "variant": sku, "location": PLACE, "on_hand": shelf.units}
        doc |= {"version": shelf.version} if habits.version == "counter" else {}
        return doc | ({"changed_at": instant(shelf.changed_at)} if habits.shows_time else {})

    def is_asked(self, request: httpx.Request) -> bool:
        """Say whether a request is about stock, by somebody who may ask."""
        known = request.headers.get("authorization") == f"Bearer {self.remote.secret}"
        return known and request.url.path.strip("/") in ("variants", "locations", "inventory")

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer under /variants, /locations and /inventory."""
        noun = request.url.path.strip("/")
        if noun == "variants":
            return _tell(200, {"docs": [{"id": sku, "sku": sku} for sku in self.shelves]})
        if noun == "locations":
            return _tell(200, {"docs": [{"id": PLACE, "code": "store"}]})
        if request.method == "GET":
            when = self.remote.replica()
            wanted = request.url.params.get("ids")
            found = [self._as_of(sku, when) for sku in self.shelves]
            return _tell(200, {"docs": [doc for doc in found if wanted is None or doc["id"] in wanted.split(",")]})
        return self._adjust(request)

    def _as_of(self, sku: str, when: Micros) -> Doc:
        history = self.shelves[sku].history
        return history[max(0, bisect_right(history, when, key=lambda state: state[0]) - 1)][1]

    def _adjust(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["idempotency-key"]
        if key in self.keys:
            sent, answer = self.keys[key]
            return answer if sent == request.content else _tell(422, {"error": "same key, other bytes"})
        body = json.loads(request.content)
        sku = str(body["level"]).removeprefix("level-")
        self.move("api", sku, int(body["delta"]), key)
        full = self.remote.habits.answers == "full"
        answer = _tell(200, self.document(sku)) if full else _tell(204, None)
        self.keys[key] = (request.content, answer)
        return answer

    def _hook(self, sku: str) -> None:
        if not (self.remote.habits.webhooks and self.remote.webhook_url):
            return
        self._event += 1
        told = {"event": f"{self.remote.name}-stock-{self._event}", "id": f"level-{sku}", "stream": "inventory"}
        body = json.dumps(told).encode()
        signature = hmac.new(self.remote.secret.encode(), body, hashlib.sha256).hexdigest()
        self.remote.webhooks.append(Webhook(self.remote.now(), {"x-signature": signature}, body))
        self.remote.on_webhook()


def _tell(status: int, body: Any) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers={"content-type": "application/json"}, extensions={"shown": ()})


def furnish(remotes: Sequence[HabitRemote], seed: int) -> None:
    """Give every remote a stockroom; they do not agree at first."""
    rng = random.Random(f"stock {seed}")
    for remote in remotes:
        remote.stockroom = Stockroom(remote, {sku: rng.choice((40, 40, 60, 3)) for sku in SKUS})


class Clerk:
    """Sells, receives and counts until the town closes."""

    def __init__(self, baton: Baton, rooms: Sequence[Stockroom], name: str, seed: int, until: Micros, pace_s: float) -> None:
        self._baton, self._rooms, self._name, self._until, self._pace_s = baton, rooms, name, until, pace_s
        self._rng = random.Random(f"{name} {seed}")

    def live(self) -> None:
        """Work."""
        while True:
            self._baton.door("people", round(self._rng.expovariate(1 / self._pace_s) * SECOND))
            if self._baton.time >= self._until:
                return
            room, sku = self._rng.choice(self._rooms), self._rng.choice(SKUS)
            deed = self._rng.choices(("sells", "receives", "counts", "uploads"), (8, 2, 1, 1))[0]
            self._baton.record(self._name, deed)
            if deed == "sells":
                room.move(self._name, sku, -self._rng.randrange(1, 4))
            elif deed == "receives":
                room.move(self._name, sku, self._rng.randrange(5, 20))
            elif deed == "uploads":
                self._work_offline(room)
            else:
                room.count(self._name, sku, max(0, room.shelves[sku].units + self._rng.choice((-2, -1, 1))))

    def _work_offline(self, room: Stockroom) -> None:
        """Sell while the line is down and hand the sales in later; a system with a counter dates them back."""
        kept = []
        for _ in range(self._rng.randrange(2, 5)):
            kept.append((self._baton.time, self._rng.choice(SKUS), -self._rng.randrange(1, 3)))
            self._baton.door("people", round(self._rng.uniform(20, 120) * SECOND))
        dates = room.remote.habits.version is VersionKind.COUNTER
        for at, sku, delta in kept:
            room.move(self._name, sku, delta, at=at if dates else None)


def judge_stock(rooms: Sequence[Stockroom], counts: Counter[str], quiet_at: Micros) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (rule, about, proof) of what is wrong: stock = what the first remote opened with + what people moved anywhere.

    Every system has to show that, never below 0. Our own lines of a ledger are no movement: they only carry the others'.
    """
    wrong = []
    for sku in SKUS:
        moved = [(room.remote.name, move) for room in rooms for move in room.ledger if move.sku == sku]
        people = sum(move.delta for _, move in moved if move.actor != "api")
        counts["stock movements"] += sum(move.actor != "api" for _, move in moved)
        counts["stock changes sent"] += sum(move.actor == "api" for _, move in moved)
        right = rooms[0].opening[sku] + people
        shown = {room.remote.name: room.shelves[sku].units for room in rooms}
        proof = tuple(f"{m.at} {name} {m.actor} {m.delta:+d}" for name, m in sorted(moved, key=lambda pair: pair[1].at))
        if any(units != max(0, right) for units in shown.values()):
            wrong.append(("wrong stock", f"{sku}: shown {shown}, right is {right} = opening + journals", proof))
        late = [line for line, (_, move) in zip(proof, moved, strict=True) if move.actor == "api" and move.at > quiet_at]
        if late:
            wrong.append(("stock changes after quiet", sku, tuple(late)))
        sent = sum(move.actor == "api" for _, move in moved)
        bound = (len(moved) - sent + 1) * (len(rooms) - 1) * 2 + len(rooms)
        if sent > bound:
            wrong.append(("too many stock changes", f"{sku}: {sent} sent for {len(moved) - sent} movements", proof))
    return wrong
