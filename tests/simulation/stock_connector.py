"""The streams and the sink of a habit remote's stock, and their mapping files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.sdk.base import Answer, AnswerKind, Call, Change, Cursor, Page, Safe, Sink, Stream, VersionKind
from tests.simulation.habits import Habits
from tests.simulation.shelving import Place

STOCK_FILES: Mapping[str, str] = {
    "variants": "entity: variant\nfields: {sku: {path: sku, only: read}}",
    "locations": "entity: location\nfields: {code: {path: code, only: read}}",
    "inventory": "entity: inventory_level\nfields: {FIGURES}\n"
    "refs: {variant: {path: variant, stream: variants}, location: {path: location, stream: locations}}",
}


def stock_texts(name: str, habits: Habits, places: Sequence[Place]) -> dict[str, str]:
    """Return the mapping files of the stock of a remote, by stream."""
    top = f"mapping: 1\nconnector: {name}\n"
    texts = {stream: f"{top}stream: {stream}\nidentity: id\n{text}\n" for stream, text in STOCK_FILES.items()}
    figures = ["on_hand", "available", "reserved"] if _reports(places) == "both" else [_reports(places)]
    figures = [figure for figure in figures if figure != "reserved" or places[0].tells_reserved]
    lines = ", ".join(f"{figure}: {{path: {figure}, as: count, only: read}}" for figure in figures)
    texts["inventory"] = texts["inventory"].replace("FIGURES", lines)
    texts["inventory"] += "version: version\n" * (habits.version is VersionKind.COUNTER)
    texts["inventory"] += "changed_at: changed_at\n" * habits.shows_time
    return texts


def _reports(places: Sequence[Place]) -> str:
    return places[0].reports if places else "on_hand"


class StockStream(Stream[Any]):
    """One of the small lists; always read whole."""

    incremental: ClassVar[bool] = False

    def __init__(self, name: str, habits: Habits) -> None:
        self.name = name
        self.version = habits.version if name == "inventory" else VersionKind.NONE
        self.visible_after_s = habits.lag_s if name == "inventory" else 0.0

    def page(self, client: Any, cursor: Cursor) -> Page:
        return Page(client.send("GET", f"/{self.name}", safe=True).body["docs"])

    def fetch(self, client: Any, ids: Sequence[str]) -> Sequence[dict[str, Any]]:
        return list(client.send("GET", f"/{self.name}", params={"ids": ",".join(ids)}, safe=True).body["docs"])


class StockSink(Sink[Any]):
    """Moves a level by a delta, or sets the figure it shows, once per key."""

    name = "inventory"
    adjust = Safe.IDEMPOTENCY_KEY
    writes_at_once = 4

    def __init__(self, *, sets: bool = False) -> None:
        self.delivers_deltas = not sets

    def calls(self, change: Change) -> Sequence[Call]:
        after = change.after
        if self.delivers_deltas:
            return [Call("move the level", {"level": after["level"], "delta": after["delta"]})]
        figure = {"quantity": after["quantity"], "set": after["absolute"], "expected": after["expected"]}
        return [Call("set the level", {"level": after["level"], **figure})]

    def send(self, client: Any, call: Call, key: str, external_id: str | None) -> Answer:
        reply = client.send("POST", "/inventory", json=call.body, safe=False, idempotency_key=key)
        if reply.status == 412:
            return Answer(AnswerKind.STALE, reason="another figure is there")
        if reply.status >= 400:
            return Answer(AnswerKind.REFUSED, reason="said no")
        return Answer(AnswerKind.DONE, reply.body or None, external_id)


def stock_streams(habits: Habits) -> dict[str, Stream[Any]]:
    """Return the streams of a remote's stock, references first."""
    return {name: StockStream(name, habits) for name in STOCK_FILES}
