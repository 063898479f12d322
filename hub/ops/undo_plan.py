"""A yes taken back: what was not sent yet waits again, and what was sent is put back, as one plan that waits for its own yes.

As with `hub.ops.undo_run` nothing is erased: what was shown before is pinned, with the reason, and so comes back everywhere. What
cannot be put back is told with why: a record that was made or deleted, a document, stock, what somebody changed since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, cast

from hub.clock import instant
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.delivery import TAKEN_BACK, Attempt, AttemptState, Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity, EntityState, Override
from hub.model.known import Known, Note
from hub.model.link import Link
from hub.model.record import DOCUMENTS, EntityType
from hub.model.run import Approval, JournalEntry
from hub.model.values import Doc, Micros, Value
from hub.ops.approvals import CREATE, is_of, stands_on
from hub.ops.consequences import as_plain, only_in, planned
from hub.ops.history import UNSAID
from hub.ops.office import Office
from hub.ops.plan import BATCH, load, looking
from hub.ops.repair import hold_back
from hub.ops.typed import field_kind
from hub.ops.undo_run import LATER, LISTED, SAME, row_of, set_back, value_of
from hub.pipeline import replan
from hub.push.due import WHOLE, link_lines
from hub.reconcile.attach import is_derived
from hub.store import Reader, Unit
from hub.store.known import begin_known

ON_ITS_WAY: Final = "on its way just now: undo it once more when it was sent"
NEVER_SENT: Final = "never sent"
REFUSED: Final = "refused there"
MADE: Final = "a new record, which is only deleted in that system itself"
DELETED: Final = "a deleted record, which stays deleted"
PAPER: Final = "a document, which is never taken back once it was sent"
STOCK: Final = "stock, which is counted where it lies"
ENDED: Final = "of a record that is no longer in use"
WORKED_OUT: Final = "worked out by the hub"
UNSET: Final = "nothing that can be set by hand"
DIFFERED: Final = "shown differently by its systems before: pin what is right"
JOURNAL: Final = 100_000
_COUNTED: Final = ("edit", "pinned", "pin lifted")


@dataclass(slots=True)
class Taken:
    """What became of the lines of a plan: put back, withdrawn before they were sent, and left as they are with why."""

    undone: list[Doc] = field(default_factory=list)
    withdrawn: list[Doc] = field(default_factory=list)
    stays: list[Doc] = field(default_factory=list)

    def told(self) -> Doc:
        """Return it as plain data. `left`: why -> number."""
        left = Counter(row["why"] for row in self.stays)
        return {"undone": self.undone, "withdrawn": self.withdrawn, "stays": self.stays, "left": dict(sorted(left.items()))}


@dataclass(slots=True)
class _Lines:
    """A part of a plan, with all that is known of its records."""

    known: Known
    ground: Ground
    plan: int
    lines: list[Approval]
    deliveries: list[Delivery]
    attempts: list[Attempt]
    journal: list[JournalEntry]

    def entity(self, line: Approval) -> Entity:
        """Return whose line it is, through merges."""
        return self.known.resolve(line.entity_id)

    def link(self, line: Approval) -> Link | None:
        """Return the record there, None for one that was to be made."""
        return self.known.by_id.get(line.link_id)

    def delivery(self, line: Approval) -> Delivery | None:
        """Return what is still to be sent with this yes."""
        return next((one for one in self.deliveries if is_of(one, line) and stands_on(one, line)), None)

    def tries(self, line: Approval) -> list[Attempt]:
        """Return what was sent on this yes, or is on its way."""
        return [one for one in self.attempts if one.started_at >= line.at and _carries(one, line)]


def _carries(attempt: Attempt, line: Approval) -> bool:
    if not line.link_id:
        where = (attempt.operation, attempt.connection, attempt.stream)
        return where == (CREATE, line.connection, line.stream)
    return attempt.link_id == line.link_id and (line.path in attempt.covers or not attempt.covers)


def preview_plan(reader: Reader, ground: Ground, plan: int, now: Micros) -> Doc:
    """Return what would be withdrawn, put back and left if a yes were taken back. Raises UsageError where there is none."""
    head, known, taken = _head(reader, plan), looking(reader), Taken()
    unit = cast("Unit", reader)
    for ids in _parts(reader, plan):
        lines = _load(unit, known, ground, plan, ids)
        withdrawn = _withdraw(lines, taken, "", now, "")
        _put_back(lines, taken, withdrawn, "", now, "")
    ids = list(dict.fromkeys(row["id"] for row in taken.undone))
    after, before = planned(reader, known, ground, ids), planned(reader, looking(reader), ground, ids)
    return {**head, **taken.told(), "sent": as_plain(only_in(after, before))}


def undo_plan(office: Office, plan: int, by: str, why: str = "") -> Doc:
    """Take back a yes: first all that was not sent waits again, then what was sent is put back, pinned.

    What follows from that waits for a yes. Returns what `preview_plan` does, and how many changes wait. A plan is walked in
    parts; what was taken back once is left as it is when it is done again.
    """

    def head(unit: Unit) -> tuple[Doc, list[list[int]]]:
        reader = cast("Reader", unit)
        return _head(reader, plan), list(_parts(reader, plan))

    told, parts = office.write(head)
    taken, withdrawn, waiting = Taken(), set[_Key](), 0
    for ids in parts:
        withdrawn |= office.write(partial(_withdraw_part, office=office, plan=plan, ids=ids, taken=taken, by=by, why=why))
    for ids in parts:
        part = partial(_put_back_part, office=office, plan=plan, ids=ids, taken=taken, withdrawn=withdrawn, by=by, why=why)
        waiting += office.write(part)
    office.wake()
    return {**told, **taken.told(), "waiting": waiting}


_Key = tuple[int, str, str, int, str]


def _key(line: Approval) -> _Key:
    return line.entity_id, line.connection, line.stream, line.link_id, line.path


def _head(reader: Reader, plan: int) -> Doc:
    first = reader.approvals(reader.approved_in(plan, limit=1), plan=plan)
    if not first:
        message = f"There is no plan {plan} that somebody said yes to, or it is not kept any more."
        raise UsageError(message, fix="See `hub plans`; `hub plan` shows what still waits.")
    return {"plan": plan, "by": first[0].by, "at": instant(first[0].at)}


def _parts(reader: Reader, plan: int) -> Iterable[list[int]]:
    after = 0
    while ids := reader.approved_in(plan, after=after, limit=BATCH):
        yield ids
        after = ids[-1]


def _load(unit: Unit, known: Known, ground: Ground, plan: int, ids: Sequence[int]) -> _Lines:
    approvals = unit.approvals(ids, plan=plan)
    load(unit, known, ids)
    everyone = list({*ids, *(known.resolve(one).id for one in ids)})
    tried = unit.attempts_since(everyone, min(one.at for one in approvals))
    journal = [one for one in unit.journal_of(everyone, limit=JOURNAL) if one.kind in _COUNTED]
    return _Lines(known, ground, plan, _whole(approvals), unit.deliveries_of(everyone), tried, journal)


def _whole(approvals: Iterable[Approval]) -> list[Approval]:
    """Return the lines, a new record as one."""
    found: dict[_Key, Approval] = {}
    for one in approvals:
        line = replace(one, path=WHOLE, seen=None, wanted=None) if one.action == CREATE else one
        found.setdefault(_key(line), line)
    return list(found.values())


def _withdraw_part(unit: Unit, office: Office, plan: int, ids: Sequence[int], taken: Taken, by: str, why: str) -> set[_Key]:
    known, now = begin_known(unit), office.clock.now()
    lines = _load(unit, known, office.ground, plan, ids)
    found = _withdraw(lines, taken, by, now, why)
    unit.save_deliveries(lines.deliveries)
    for delivery in lines.deliveries:
        known.look_at(known.resolve(delivery.entity_id))
    replan(unit, office.ground, known, now)
    return found


def _withdraw(part: _Lines, taken: Taken, by: str, now: Micros, why: str) -> set[_Key]:
    """Let what was not sent wait for another yes; also what is on its way, should it fail. Returns the lines that will not go."""
    found = set()
    for line in part.lines:
        delivery = part.delivery(line)
        if delivery is None or delivery.kind is DeliveryKind.ACT:
            continue
        is_due = _is_due(part, line, delivery)
        delivery.approved = {path: digest for path, digest in delivery.approved.items() if path != line.path}
        if not is_due:
            continue
        delivery.brake = f"plan {part.plan} {TAKEN_BACK}"
        if all(one.state is AttemptState.CLOSED for one in part.tries(line)):
            found.add(_key(line))
            delivery.state, delivery.wait = DeliveryState.ASKING, delivery.brake
            taken.withdrawn.append(_row(part, line))
            said = [line.path, line.wanted, line.seen, now, by, delivery.brake + (f": {why}" if why else "")]
            part.known.notes.append(Note(now, part.entity(line).id, line.link_id, UNSAID, [said]))
    return found


def _is_due(part: _Lines, line: Approval, delivery: Delivery) -> bool:
    """Say whether a line is still to be sent: not one that went already with others of its record following."""
    link = part.link(line)
    if link is None or delivery.kind is not DeliveryKind.STATE:
        return True
    return any(one.path == line.path for one in link_lines(part.known, part.ground, part.entity(line), link))


def _put_back_part(
    unit: Unit, office: Office, plan: int, ids: Sequence[int], taken: Taken, withdrawn: set[_Key], by: str, why: str
) -> int:
    known, now = begin_known(unit), office.clock.now()
    lines, before = _load(unit, known, office.ground, plan, ids), len(taken.undone)
    _put_back(lines, taken, withdrawn, by, now, why)
    replan(unit, office.ground, known, now)
    return hold_back(unit, {row["id"] for row in taken.undone[before:]}, f"plan {plan} is undone")


def _put_back(part: _Lines, taken: Taken, withdrawn: set[_Key], by: str, now: Micros, why: str) -> None:
    sent: dict[tuple[int, str], list[Approval]] = {}
    for line in part.lines:
        if _key(line) in withdrawn:
            continue
        reason = _stays(part, line)
        if reason:
            taken.stays.append({**_row(part, line), "why": reason})
        else:
            sent.setdefault((part.entity(line).id, line.path), []).append(line)
    reason = f"undone: plan {part.plan}" + (f": {why}" if why else "")
    for (entity_id, path), lines in sent.items():
        entity = part.known.resolve(entity_id)
        found = [value for value in _candidates(part, lines) if all(_fits(part, line, value) for line in lines)]
        if not found or found[0] == value_of(entity, path):
            word = SAME if found else DIFFERED
            taken.stays += [{**_row(part, line), "why": word} for line in lines]
        else:
            taken.undone.append(set_back(part.known, part.ground, entity, path, Override(found[0], by, now, reason)))


def _stays(part: _Lines, line: Approval) -> str:
    """Return why a line cannot be put back; empty where it can."""
    tries = part.tries(line)
    if any(one.state is not AttemptState.CLOSED for one in tries):
        return ON_ITS_WAY
    if not tries:
        return NEVER_SENT
    entity = part.entity(line)
    return _never(entity, line) or _since(part, line, entity)


def _never(entity: Entity, line: Approval) -> str:
    """Return why what was sent is never put back, whatever happened since."""
    reasons = {
        PAPER: entity.type in DOCUMENTS,
        STOCK: entity.type is EntityType.INVENTORY_LEVEL,
        MADE: line.action == CREATE,
        DELETED: line.path == WHOLE,
        ENDED: entity.state is not EntityState.LIVE,
        LISTED: "/" in line.path,
        WORKED_OUT: is_derived(line.path),
    }
    found = next((why for why, is_so in reasons.items() if is_so), "")
    if found:
        return found
    try:
        field_kind(entity.type, line.path)
    except UsageError:
        return UNSET
    return ""


def _since(part: _Lines, line: Approval, entity: Entity) -> str:
    """Return what became of a line since it was sent, empty where that system still shows it and everybody means it."""
    golden, pin, link = entity.golden.get(line.path), entity.overrides.get(line.path), part.link(line)
    if golden is None or golden.value != line.wanted or link is None or (pin is not None and pin.at > line.at):
        return LATER
    claim = link.claims.get(line.path)
    if claim is not None and claim.aside == golden.version:
        return REFUSED
    shows = claim is not None and (claim.stands.golden_version == golden.version or _fits(part, line, golden.value, claim.held))
    return "" if shows else LATER


def _candidates(part: _Lines, lines: Sequence[Approval]) -> list[Value]:
    """Return what may have counted before: as it was entered, then as systems showed it, which may be their rendering of it."""
    mine = {part.entity(lines[0]).id, *(line.entity_id for line in lines)}
    rows = [
        row
        for entry in part.journal
        if entry.entity_id in mine and entry.at <= lines[0].at
        for row in entry.body.get("changes", ())
        if row and row[0] == lines[0].path and not (len(row) > 4 and row[4] == "lost")
    ]
    entered = next((row[1] for row in reversed(rows) if row[2] == lines[0].wanted and row[1] != row[2]), None)
    return [*([entered] if entered is not None else []), *(line.seen for line in lines)]


_SEEN = object()


def _fits(part: _Lines, line: Approval, value: Value, seen: Value = _SEEN) -> bool:
    """Say whether a system would show this value as it showed the line before (or as `seen`)."""
    was, link = (line.seen if seen is _SEEN else seen), part.link(line)
    if was == value or link is None:
        return bool(was == value)
    table = part.ground.table(link)
    if value is None or was is None or table is None:
        return False
    return bool(part.ground.render(link, line.path, value) == was) or table.looks_like(line.path, value, was)


def _row(part: _Lines, line: Approval) -> Doc:
    return {"connection": line.connection, "stream": line.stream, **row_of(part.entity(line), line.path, line.seen, line.wanted)}
