"""What really happened, from the remotes' own journals: people, the lives of their records, and every edit with its stamps.

The stamp of an edit is not one number to an onlooker: where a system tells no time, or its record was touched again before it was
read, the hub may rightly take any moment of an interval (`lo`..`hi`, in microseconds). DESIGN section 2, "Stamp".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.model.values import SECOND, Micros
from hub.sdk.fake import Entry
from tests.simulation.habits import meant
from tests.simulation.remote import HabitRemote

NEVER: Final[Micros] = 1 << 62
SURELY: Final[Micros] = 300 * SECOND
"""How long an attempt may fence a record's reads before the oracle is surprised."""


@dataclass(slots=True, eq=False)
class Edit:
    """One thing a person said about one flat field. `seed`: it was there before the hub came."""

    life: Life
    path: str
    value: Any
    entry: Entry
    seed: bool = False
    lo: Micros = 0
    hi: Micros = 0
    on: Edit | None = None
    """The edit whose rendering by the hub it surely replaced."""
    optional: str = ""
    """Why the hub may rightly never have seen it."""


@dataclass(slots=True, eq=False)
class Life:
    """One record from its birth to its deletion; a reissued id is another life."""

    remote: HabitRemote
    rank: int
    external_id: str
    email: str
    born: Entry
    entries: list[Entry] = field(default_factory=list)
    died_at: Micros = NEVER
    lost: bool = False
    """Its system was restored to before it."""
    again: bool = False
    """Its id was that of a lost record: it is not taken in before a person says that its system was restored."""

    @property
    def by_hub(self) -> bool:
        return self.born.actor == "api"

    def reads(self, after: Micros, before: Micros = NEVER) -> list[Micros]:
        """Return when replies arrived whose requests left after `after` and which surely showed what was true then."""
        lag = round(self.remote.habits.lag_s * SECOND)
        reads = self.remote.seen.get(self.external_id, ())
        return [got for sent, got in reads if after + lag <= sent < self.died_at and got <= before]

    def seen_by(self, at: Micros) -> Micros:
        """Return when the hub has surely compared what was true at `at`: some reads are fenced, so the fifth and a while."""
        reads = self.reads(at)
        return reads[4] + SURELY if len(reads) > 4 else NEVER


@dataclass(slots=True)
class Hands:
    """What a life shows at one path while history is replayed."""

    value: Any = None
    sure: Edit | None = None
    maybe: list[Edit] = field(default_factory=list)
    last: Edit | None = None
    replaced: dict[Any, Micros] = field(default_factory=dict)


def lives_of(remotes: Sequence[HabitRemote], *, forgotten: bool = False) -> dict[str, list[Life]]:
    """Return all lives by person (lower-case e-mail), in order of the remotes and births.

    `forgotten`: what a restore lost counts as deleted there, since a person said that it was no restore.
    """
    people: dict[str, list[Life]] = {}
    for rank, remote in enumerate(remotes):
        alive: dict[str, Life] = {}
        lost: set[str] = set()
        for entry in remote.journal:
            if entry.kind != "customer":
                continue
            if entry.action in ("seed", "create"):
                email = str(entry.detail["email"] or f"nobody {remote.name} {entry.external_id}").lower()
                alive[entry.external_id] = Life(remote, rank, entry.external_id, email, entry, again=entry.external_id in lost)
                people.setdefault(email, []).append(alive[entry.external_id])
            life = alive[entry.external_id]
            life.entries.append(entry)
            if entry.action == "undelete":
                life.died_at = NEVER
            if entry.action in ("delete", "lost"):
                life.died_at, life.lost = entry.at, entry.action == "lost" and not forgotten
                lost |= {entry.external_id} if entry.action == "lost" else set()
    return people


@dataclass(slots=True)
class Telling:
    """Replays one path of one person. `low_us`/`high_us`: how far the hub's clock was off."""

    path: str
    low_us: Micros
    high_us: Micros
    edits: list[Edit] = field(default_factory=list)
    hands: dict[Life, Hands] = field(default_factory=dict)
    windows: list[Edit] = field(default_factory=list)

    def replay(self, lives: Iterable[Life]) -> list[Edit]:
        """Return the edits in true order, with intervals and what they stood on."""
        steps = sorted(
            ((e.at, i, e, life) for life in lives for i, e in enumerate(life.entries)), key=lambda s: (s[0], s[3].rank, s[1])
        )
        for _, _, entry, life in steps:
            hands = self.hands.setdefault(life, Hands())
            if entry.action in ("delete", "lost"):
                self._bury(life, hands)
            elif entry.action == "restored":
                self._go_back(life, hands, entry)
            elif self.path in entry.detail["now"]:
                value = meant(self.path, entry.detail["now"][self.path])
                was = meant(self.path, entry.detail["was"].get(self.path))
                if entry.actor == "api":
                    self._overwrite(life, hands, entry, value)
                elif value is None or value != was:  # the same in another spelling is no edit
                    self._say(life, hands, entry, value)
        return self.edits

    def _say(self, life: Life, hands: Hands, entry: Entry, value: Any) -> None:
        edit = Edit(life, self.path, value, entry, seed=entry.action == "seed", on=hands.sure)
        self._date(edit)
        for under in (*([hands.sure] if hands.sure else []), *hands.maybe):
            edit.hi = max(edit.hi, under.hi + 1)
        base = hands.sure
        if base is not None and (base.life is not life or life.seen_by(base.entry.at) <= entry.at):
            edit.lo = max(edit.lo, base.lo + 1)
        if (
            hands.last is not None
            and not hands.last.optional
            and not hands.last.seed
            and life.seen_by(hands.last.entry.at) > entry.at
        ):
            hands.last.optional = "replaced before it was surely seen"
        left_at = hands.replaced.get(value)
        if left_at is not None and life.seen_by(left_at) > entry.at:
            edit.optional = "back to the value before, perhaps before the other was seen"
        self._show(hands, value, entry.at)
        hands.sure, hands.maybe, hands.last = edit, [], edit
        self.edits.append(edit)
        self._spread(edit)

    def _overwrite(self, life: Life, hands: Hands, entry: Entry, value: Any) -> None:
        lost = hands.last
        if lost is not None and hands.sure is lost and not lost.seed and self._in_window(life, lost, entry):
            lost.optional = "between look and write"
            self.windows.append(lost)
        sources = [e for e in self.edits if self._rendered(life, e) == value]
        self._show(hands, value, entry.at)
        hands.sure, hands.maybe = (sources[0], []) if len(sources) == 1 else (None, sources)

    def _in_window(self, life: Life, lost: Edit, entry: Entry) -> bool:
        unguarded = not life.remote.habits.is_guarded(self.path)
        return unguarded and not life.reads(lost.entry.at, entry.detail.get("left_at", entry.at))

    def _go_back(self, life: Life, hands: Hands, entry: Entry) -> None:
        """A restored system shows an old value, and nobody said it. What was said since the backup stands if it was seen."""
        if self.path not in entry.detail["now"]:
            return
        if hands.last is not None and not hands.last.seed and life.seen_by(hands.last.entry.at) > entry.at:
            hands.last.optional = hands.last.optional or "its system was restored before it was surely seen"
        self._show(hands, entry.detail["now"][self.path], entry.at)
        hands.sure, hands.maybe = None, []

    def _bury(self, life: Life, hands: Hands) -> None:
        if hands.last is not None and not hands.last.seed and life.seen_by(hands.last.entry.at) > life.died_at:
            hands.last.optional = hands.last.optional or "its record was deleted before it was surely seen"

    def _show(self, hands: Hands, value: Any, at: Micros) -> None:
        hands.replaced[hands.value] = at
        hands.value = value

    def _rendered(self, life: Life, edit: Edit) -> Any:
        return meant(self.path, life.remote.habits.render(self.path, edit.value))

    def _spread(self, edit: Edit) -> None:
        """Another life that shows the same already may stand for this edit from now on."""
        for life, hands in self.hands.items():
            if life is not edit.life and hands.value == self._rendered(life, edit):
                hands.maybe.append(edit)

    def _date(self, edit: Edit) -> None:
        life, entry = edit.life, edit.entry
        source = entry.detail.get("source_us")
        seen = life.seen_by(entry.at)
        receipt_lo, receipt_hi = entry.at + self.low_us, min(seen + self.high_us, NEVER)
        before = [e for e in life.entries if e.at < entry.at]
        if source is None:
            edit.lo, edit.hi = receipt_lo, receipt_hi
        else:
            touched = [s for e in life.entries if entry.at <= e.at <= seen and (s := e.detail.get("source_us")) is not None]
            edit.lo, edit.hi = min(source, receipt_lo), max(touched)
            still = any(e.detail.get("source_us") == source for e in before) or life.remote.habits.is_silent(self.path)
            edit.hi = max(edit.hi, receipt_hi) if still else edit.hi
        if any(left < seen and entry.at < life.seen_by(left) for left in life.remote.unanswered(life.external_id, self.path)):
            # A write of ours was under way and nobody knows whether it came before this edit, which then was made on top of it.
            edit.hi = max(edit.hi, receipt_hi)
        unmet = life.again or entry.at < life.seen_by(life.born.at)
        if life.born is not entry and life.born.action == "create" and unmet:
            edit.lo = min(edit.lo, life.born.detail["source_us"] or edit.lo)
