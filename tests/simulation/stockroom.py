"""The stock of a habit remote: a few levels per location, moved by people and by the API, and a ledger nobody else writes.

Switched on by `WorldSpec.stock`; without it no request, random number or journal line of a world is different.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from hub.clock import instant
from hub.model.values import Doc, Micros
from hub.sdk.fake import Webhook
from tests.simulation.remote import HabitRemote
from tests.simulation.shelving import PLACE, SKUS, Place, one_place

Spot = tuple[str, str]
"""(sku, code of a location)."""


@dataclass(slots=True)
class Shelf:
    """One level. `units` lie there, `reserved` of them are promised. `history`: (world time, document) of every state."""

    units: int
    reserved: int = 0
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
    place: str = PLACE

    @property
    def external_id(self) -> str:
        """Return the id of its level."""
        return level_id((self.sku, self.place))


def level_id(spot: Spot) -> str:
    """Return what a level is called in every system."""
    sku, place = spot
    return f"level-{sku}" if place == PLACE else f"level-{sku}@{place}"


class Stockroom:
    """What a remote knows of stock."""

    def __init__(self, remote: HabitRemote, opening: Mapping[Spot, int], places: Iterable[Place]) -> None:
        self.remote = remote
        self.opening = dict(opening)
        self.places = {place.code: place for place in places}
        self.shelves = {spot: Shelf(units) for spot, units in opening.items()}
        self.ledger: list[Move] = []
        self.promises: list[Move] = []
        """Every change of what is reserved."""
        self.oversold = 0
        """Sales of what others had sold or promised before: channels see each other only after a while."""
        self.transfers = 0
        self.closed = False
        """People are kept out: it is about to be restored, or was."""
        self.restored = 0
        """Levels that went back with a restore."""
        self.keys: dict[str, tuple[bytes, httpx.Response]] = {}
        self._event = 0
        for spot in opening:
            self._settle(spot)

    def move(self, actor: str, spot: Spot, delta: int, key: str = "", at: Micros | None = None, *, kept: int = 0) -> None:
        """Sell, receive or correct: units come or go. `at`: when it really happened, where that is told later.

        `kept`: by how much what is reserved changes in the same moment. A first delivery makes a level that was not there.
        """
        if self.closed and actor != "api":
            return
        sku, place = spot
        shelf = self.shelves.setdefault(spot, Shelf(0, version=0))
        shelf.units += delta
        shelf.reserved += kept
        shelf.version += 1
        now = self.remote.now()
        self.ledger += [Move(now, actor, sku, delta, key, place)] * bool(delta)
        self.promises += [Move(now, actor, sku, kept, key, place)] * bool(kept)
        self._settle(spot, at)
        self._hook(spot)

    def snapshot(self) -> dict[Spot, tuple[int, int, int, Micros]]:
        """Make a backup of every level."""
        return {spot: (each.units, each.reserved, each.version, each.changed_at) for spot, each in self.shelves.items()}

    def restore(self, backup: Mapping[Spot, tuple[int, int, int, Micros]]) -> None:
        """Show every level as it was: nobody moved anything. What was given once under a key is not given again."""
        for spot, state in backup.items():
            shelf = self.shelves[spot]
            self.restored += shelf.version != state[2]
            shelf.units, shelf.reserved, shelf.version, shelf.changed_at = state
            shelf.history.append((self.remote.now(), self.document(spot)))

    def count(self, actor: str, spot: Spot, found: int) -> None:
        """Set what was counted: the difference is in the ledger."""
        if found != self.shelves[spot].units:
            self.move(actor, spot, found - self.shelves[spot].units)

    def _settle(self, spot: Spot, at: Micros | None = None) -> None:
        shelf = self.shelves[spot]
        shelf.changed_at = self.remote.tell(self.remote.now() if at is None else at)
        shelf.history.append((self.remote.now(), self.document(spot)))

    def document(self, spot: Spot) -> Doc:
        """Return a level as this system shows it now."""
        shelf, habits, place = self.shelves[spot], self.remote.habits, self.places[spot[1]]
        doc: Doc = {"id": level_id(spot), "variant": spot[0], "location": spot[1]}
        doc |= {} if place.reports == "available" else {"on_hand": shelf.units}
        doc |= {} if place.reports == "on_hand" else {"available": shelf.units - shelf.reserved}
        doc |= {"reserved": shelf.reserved} if place.reserves and place.tells_reserved else {}
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
            return _tell(200, {"docs": [{"id": sku, "sku": sku} for sku in SKUS]})
        if noun == "locations":
            return _tell(200, {"docs": [{"id": code, "code": code} for code in self.places]})
        if request.method == "GET":
            when = self.remote.replica()
            wanted = request.url.params.get("ids")
            found = [doc for spot in self.shelves if (doc := self._as_of(spot, when)) is not None]
            docs = [doc for doc in found if wanted is None or doc["id"] in wanted.split(",")]
            return _tell(200, {"docs": docs}, tuple(doc["id"] for doc in docs))
        return self._adjust(request)

    def _as_of(self, spot: Spot, when: Micros) -> Doc | None:
        """Return what a level showed at a time; None where it was not there yet. The first ones were always there."""
        history = self.shelves[spot].history
        at = bisect_right(history, when, key=lambda state: state[0]) - 1
        return history[max(0, at)][1] if at >= 0 or spot in self.opening else None

    def _adjust(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["idempotency-key"]
        if key in self.keys:
            sent, answer = self.keys[key]
            return answer if sent == request.content else _tell(422, {"error": "same key, other bytes"})
        body = json.loads(request.content)
        spot = next(spot for spot in self.shelves if level_id(spot) == body["level"])
        delta = self._asked(spot, body)
        if delta is None:
            return _tell(412, {"error": "another figure"})
        self.move("api", spot, delta, key)
        logged = {"written": {"logged": delta}} if self.places[spot[1]].sets else {}
        full = self.remote.habits.answers == "full" or bool(logged)
        answer = _tell(200, self.document(spot) | logged) if full else _tell(204, None)
        self.keys[key] = (request.content, answer)
        return answer

    def _asked(self, spot: Spot, body: Doc) -> int | None:
        """Return the change a write asks for; None: the figure it expects is not there."""
        if body.get("set") is None:
            return int(body["delta"])
        shelf = self.shelves[spot]
        there = shelf.units - (shelf.reserved if body["quantity"] == "available" else 0)
        return int(body["set"]) - there if body["expected"] in (None, there) else None

    def _hook(self, spot: Spot) -> None:
        if not (self.remote.habits.webhooks and self.remote.webhook_url):
            return
        self._event += 1
        told = {"event": f"{self.remote.name}-stock-{self._event}", "id": level_id(spot), "stream": "inventory"}
        body = json.dumps(told).encode()
        signature = hmac.new(self.remote.secret.encode(), body, hashlib.sha256).hexdigest()
        self.remote.webhooks.append(Webhook(self.remote.now(), {"x-signature": signature}, body))
        self.remote.on_webhook()


def _tell(status: int, body: Any, shown: tuple[str, ...] = ()) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers={"content-type": "application/json"}, extensions={"shown": shown})


def furnish(remotes: Sequence[HabitRemote], seed: int, places: Sequence[Place] = ()) -> None:
    """Give every remote a stockroom; they do not agree at first. Without `places` all keep one location."""
    rng = random.Random(f"stock {seed}")
    kept = places or one_place([remote.name for remote in remotes])
    for remote in remotes:
        here = [place for place in kept if place.remote == remote.name]
        spots = [(sku, place.code) for place in here for sku in SKUS if not (place.zero and rng.random() < 0.3)]
        remote.stockroom = Stockroom(remote, {spot: rng.choice((40, 40, 60, 3)) for spot in spots}, here)
