"""What was told to whom: an incident is told once when it begins and once when it is over.

In: the incidents of now, and what is remembered. Out: notices to send. Everything remembered is plain data, kept in the store, so
that a restart tells nothing twice; a notice stays until its channel took it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson

from hub.clock import instant
from hub.model.values import SECOND, Doc, Micros
from hub.ops.flags import BOOK
from hub.ops.incidents import Incident, Trouble

CALM: Final[Micros] = 60 * SECOND
"""So long an incident has to stay away before it is over: what comes and goes is told once."""
MOST_PENDING: Final = 50
"""Notices that wait for one channel; the oldest go first when there are more."""
VERSION: Final = 1


@dataclass(slots=True)
class Open:
    """An incident that was told. `gone_at`: since when it does not show any more (µs); 0: it shows."""

    kind: str
    about: str
    text: str
    fix: str
    since: Micros
    gone_at: Micros = 0


@dataclass(slots=True)
class Book:
    """What is remembered."""

    open: dict[str, Open] = field(default_factory=dict)
    pending: dict[str, list[Doc]] = field(default_factory=dict)
    digest_at: Micros = 0

    def to_doc(self) -> Doc:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, doc: Mapping[str, Any]) -> Book:
        """Read it from JSON."""
        known = {key: Open(**one) for key, one in doc.get("open", {}).items()}
        return cls(known, dict(doc.get("pending", {})), doc.get("digest_at", 0))

    def note(
        self, found: Mapping[str, Incident], now: Micros, unjudged: Collection[Trouble] = ()
    ) -> tuple[list[Open], list[Open]]:
        """Take in what shows now; return what began and what is over. `unjudged`: kinds that nothing can be said about yet."""
        began = []
        for key, one in found.items():
            if key not in self.open:
                self.open[key] = Open(one.kind.value, one.about, one.text, one.fix, now)
                began.append(self.open[key])
            known = self.open[key]
            known.text, known.fix, known.gone_at = one.text, one.fix, 0
        over = []
        for key in sorted(self.open.keys() - found.keys()):
            known = self.open[key]
            if known.kind in unjudged:
                continue
            known.gone_at = known.gone_at or now
            if now - known.gone_at >= CALM:
                over.append(self.open.pop(key))
        return began, over

    def is_digest_due(self, every_s: float | None, now: Micros) -> bool:
        """Say whether all that is open is to be told again, and count from now."""
        if every_s is None:
            return False
        due = bool(self.digest_at) and now >= self.digest_at
        if due or not self.digest_at:
            self.digest_at = now + int(every_s * SECOND)
        return due

    def queue(self, notice: Doc, channels: Collection[str]) -> None:
        """Keep a notice until every channel took it."""
        for name in channels:
            self.pending[name] = [*self.pending.get(name, []), notice][-MOST_PENDING:]


def read_incidents(flags: Mapping[str, str]) -> list[Doc]:
    """Return what is open, as the store knows it: one line each."""
    book = Book.of(orjson.loads(flags[BOOK])) if BOOK in flags else Book()
    return [_line(one) for one in book.open.values()]


def _line(one: Open) -> Doc:
    return {"kind": one.kind, "about": one.about, "text": one.text, "fix": one.fix, "since": instant(one.since)}


def write_notice(retailer: str, happened: str, incidents: Collection[Open], now: Micros) -> Doc:
    """Return what is sent: `started`, `ended`, `digest` or `test`, with a subject and lines for people."""
    count = len(incidents)
    first = next(iter(incidents), None)
    more = f" (and {count - 1} more)" if count > 1 else ""
    words = {"started": "", "ended": "well again: ", "digest": f"{count} open: ", "test": "test"}
    about = f"{first.text}{more}" if first is not None else ""
    name = " ".join(retailer.split()) or "Syncline"
    return {
        "version": VERSION,
        "happened": happened,
        "retailer": name,
        "at": instant(now),
        "subject": f"[{name}] {words[happened]}{about}".rstrip(),
        "lines": [line for one in incidents for line in _lines(one, happened)] or ["This alert was asked for. All is well."],
        "incidents": [_line(one) for one in incidents],
    }


def _lines(one: Open, happened: str) -> list[str]:
    since = f"  since {instant(one.since)[:16].replace('T', ' ')} UTC"
    return [f"Over: {one.text}", since] if happened == "ended" else [one.text, f"  {one.fix}", since]
