"""The judge of documents: every order, refund and message once where it should be, to the cent; nobody's history lacks anything.

Reads the remotes' journals (`stories`) and what the hub says (`filing.Archive`); shares no code with the hub.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.model.values import SECOND, Doc, Micros
from hub.sdk.fake import Entry
from tests.simulation.filing import Archive, Filed
from tests.simulation.histories import judge_histories
from tests.simulation.lives import NEVER
from tests.simulation.office import Office, within
from tests.simulation.orders import GRACE
from tests.simulation.remote import HabitRemote
from tests.simulation.stories import ELEMENTS, STAGES, Story, bare, facts, stories_of, when

Found = tuple[str, str, tuple[str, ...]]
RACE: Final[Micros] = 5 * SECOND
"""How long before a request left a reply must have come in for the oracle to say that the hub knew."""


@dataclass(slots=True)
class Papers:
    """What is judged, and what came of it."""

    remotes: Sequence[HabitRemote]
    archive: Archive
    office: Office
    quiet_at: Micros
    not_kept: frozenset[tuple[str, str]]
    counts: Counter[str]
    stories: list[Story] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stories = stories_of(self.remotes)

    def wrong(self, rule: str, about: str, *stories: Story) -> None:
        """Note that something must not be."""
        self.found.append((rule, about, tuple(line for story in stories for line in lines_of(story))))

    def is_muted(self, *stories: Story) -> bool:
        """Say whether any of these is in a system that is only watched at the end."""
        return any(story.remote.name in self.office.observed() for story in stories)


def judge_papers(
    remotes: Sequence[HabitRemote],
    archive: Archive,
    office: Office,
    quiet_at: Micros,
    not_kept: frozenset[tuple[str, str]],
    counts: Counter[str],
) -> list[Found]:
    """Return (rule, about, proof) of what is wrong with documents; count what was judged."""
    papers = Papers(remotes, archive, office, quiet_at, not_kept, counts)
    _count(papers)
    _judge_filing(papers)
    for story in papers.stories:
        if not story.by_hub and story.kind == "order":
            _judge_deals(papers, story)
        if not story.by_hub and story.kind == "refund":
            _judge_refund(papers, story)
        if story.kind == "deal" and not story.by_hub:
            _judge_own_deal(papers, story)
        _judge_writes(papers, story)
    _judge_queues(papers)
    _judge_obedience(papers)
    judge_histories(papers)
    return papers.found


def _count(papers: Papers) -> None:
    for story in papers.stories:
        who = "sent by the hub" if story.by_hub else "made by people"
        papers.counts[f"papers: {story.kind}s {who}"] += 1
        papers.counts["papers: edits"] += sum(e.action == "edit" for e in story.deeds)
        papers.counts["papers: writes"] += sum(e.action == "write" for e in story.deeds)
    cancelled = [one for one in papers.stories if one.kind == "order" and not one.by_hub and one.state == "cancelled"]
    papers.counts["papers: orders cancelled"] += len(cancelled)


# --- once, and as it is at home


def _judge_filing(papers: Papers) -> None:
    filed, copied = (_by_place(papers.archive.filed, name) for name in ("homes", "copies"))
    for one in papers.archive.filed:
        if len(one.homes) != 1:
            papers.wrong("document without one home", f"{one.kind} {one.id}: homes {one.homes}, copies {one.copies}")
    for story in papers.stories:
        here = filed.get(story.place, [])
        if story.by_hub or story.kind == "deal":
            _judge_copy(papers, story, here, copied.get(story.place, []))
        elif len(here) != 1:
            papers.wrong("not filed once", f"{story.kind} {story.place}: {[one.id for one in here]}", story)
        else:
            _judge_values(papers, story, here[0], filed)


def _by_place(filed: Iterable[Filed], name: str) -> dict[tuple[str, str], list[Filed]]:
    found: dict[tuple[str, str], list[Filed]] = {}
    for one in filed:
        for place in getattr(one, name):
            found.setdefault(place, []).append(one)
    return found


def _judge_copy(papers: Papers, story: Story, here: Sequence[Filed], made: Sequence[Filed]) -> None:
    if here:
        papers.wrong("copy taken for a document", f"{story.kind} {story.place}", story)
    if story.is_there and len(made) != story.by_hub:
        papers.wrong("copy of none or of several", f"{story.kind} {story.place}: {[one.id for one in made]}", story)


def _judge_values(papers: Papers, story: Story, one: Filed, filed: dict[tuple[str, str], list[Filed]]) -> None:
    if papers.is_muted(story):
        return
    right, said = facts(story), told(one)
    papers.counts["papers: values compared"] += len(right)
    wrong = {path: (said.get(path), value) for path, value in right.items() if said.get(path) != value}
    if wrong:
        papers.wrong("wrong document", f"{story.kind} {story.place}: filed, right: {wrong}", story)
    parent = _parent(papers, story)
    if parent is not None:
        hangs_on = one.ticket if story.kind == "message" else one.order
        if [found.id for found in filed.get(parent.place, [])] != [hangs_on]:
            papers.wrong(
                "hangs on the wrong document", f"{story.kind} {story.place} on {hangs_on}, right is {parent.place}", story
            )


def told(one: Filed) -> Doc:
    """Return what the hub says of a document, in the shape of `stories.facts`."""
    said: Doc = {path: value for path, value in one.fields.items() if "/" not in path}
    for name, parts in ELEMENTS.items():
        elements = [value for path, value in one.fields.items() if path.startswith(f"{name}/") and value is not None]
        said[name] = sorted(repr({part: _plain(element.get(part)) for part in parts}) for element in elements)
    return said


def _plain(value: Any) -> Any:
    return f"{value['amount']} {value['currency']}" if isinstance(value, dict) else value


def _parent(papers: Papers, story: Story) -> Story | None:
    """Return what a document belongs to: what it stands in, or the one order that goes by its number."""
    if story.parent is not None:
        return story.parent
    number = story.fields.get("receipt") or story.fields.get("about")
    return order_of(papers.stories, number) if number else None


def order_of(stories: Iterable[Story], number: Any) -> Story | None:
    """Return the order that goes by a number, with or without its sign."""
    orders = (one for one in stories if one.kind == "order" and not one.by_hub)
    return next((one for one in orders if bare(one.fields["number"]) == bare(number)), None)


# --- shown elsewhere


def _judge_deals(papers: Papers, order: Story) -> None:
    """An order has one deal, which shows it as it is at the end; one that somebody deleted is not made again."""
    deals = [
        s for s in papers.stories if s.kind == "deal" and s.by_hub and s.born.detail["fields"]["name"] == order.fields["number"]
    ]
    if len([deal for deal in deals if not deal.went_unmet]) > 1:
        papers.wrong("shown twice", f"order {order.place}", *deals)
    desk = _with(papers, "desk")
    if papers.is_muted(order) or desk.name in papers.office.observed():
        return
    if not deals:
        papers.wrong("not shown", f"order {order.place} has no deal", order)
    for deal in deals:
        shown = (deal.fields["name"], deal.fields["stage"], deal.amount("amount"), deal.fields["currency"])
        right = (order.fields["number"], STAGES[order.state], order.amount("total"), order.fields["currency"])
        papers.counts["papers: projections compared"] += 1
        if deal.is_there and shown != right and deal.place not in papers.not_kept:
            papers.wrong("shown wrong", f"deal {deal.place} shows {shown}, right is {right}", order, deal)


def _judge_refund(papers: Papers, refund: Story) -> None:
    """Money that went back at the till for an order of the shop is in the shop, once and to the cent."""
    copies = [s for s in papers.stories if s.kind == "refund" and s.by_hub and s.fields["note"] == refund.fields["note"]]
    if len(copies) > 1:
        papers.wrong("refunded twice", f"refund {refund.place}", refund, *copies)
    order = _parent(papers, refund)
    happened = any(deed.detail["fields"]["status"] == "OK" for deed in refund.deeds)
    belongs = happened and order is not None and order.remote is not refund.remote and order.remote is _with(papers, "shop")
    if not belongs and copies:
        papers.wrong("refunded where it does not belong", f"refund {refund.place}", refund, *copies)
    if not belongs or papers.is_muted(refund, *([order] if order is not None else [])):
        return
    if not copies:
        papers.wrong("not refunded", f"refund {refund.place} of {order.place if order else None}", refund)
    for copy in copies:
        shown = (copy.parent.id if copy.parent else None, copy.amount("amount"), copy.fields["currency"], copy.state)
        right = (order.id if order else None, refund.amount("amount"), refund.fields["currency"], refund.state)
        papers.counts["papers: refunds compared"] += 1
        if shown != right and copy.place not in papers.not_kept:
            papers.wrong("refunded wrong", f"{copy.place} shows {shown}, right is {right}", refund, copy)
        _judge_limit(papers, refund, copy)


def _judge_limit(papers: Papers, refund: Story, copy: Story) -> None:
    """Never more back than was paid without a yes, by what the hub knew when it sent the refund."""
    order, left = copy.parent, copy.left_at
    assert order is not None, "the shop takes no refund without its order"
    known = [one for one in papers.stories if _counts_for(papers, one, order, left) and one is not refund]
    back = sum(one.amount("amount") or 0 for one in [refund, *known])
    paid = order.amount("paid") if order.fields["paid"] is not None else order.amount("total")
    if back <= (paid or 0) or order.known_by(order.born.at) > left - RACE:
        return
    papers.counts["papers: refunds beyond what was paid"] += 1
    if not _said_yes(papers, copy, left):
        papers.wrong("more back than was paid", f"{back} of {paid} for {order.place}, and nobody said yes", refund, copy, *known)


def _counts_for(papers: Papers, one: Story, order: Story, left: Micros) -> bool:
    """Whether a refund of an order was surely known, and surely never failed."""
    if one.kind != "refund" or one.by_hub or _parent(papers, one) is not order:
        return False
    failed = any(deed.detail["fields"]["status"] == "NO" for deed in one.deeds)
    return not failed and one.known_by(one.born.at) <= left - RACE


def _said_yes(papers: Papers, copy: Story, before: Micros) -> bool:
    lines = [line for act in papers.office.of("yes") if act.asked <= before for line in act.value]
    return any(line["field"] == "note" and line["to"] == copy.fields["note"] for line in lines)


def _judge_own_deal(papers: Papers, deal: Story) -> None:
    """What somebody made there themselves is nobody's business."""
    if any(deed.actor == "api" for deed in deal.deeds):
        papers.wrong("wrote what is not ours", f"deal {deal.place}", deal)


def _with(papers: Papers, role: str) -> HabitRemote:
    return next(r for r in papers.remotes if r.cabinet is not None and role in r.cabinet.habits.roles)


# --- how it was written


def _judge_queues(papers: Papers) -> None:
    """Refunds of one order come in the order in which they happened, where the hub knew both."""
    origin = {s.fields["note"]: s for s in papers.stories if s.kind == "refund" and not s.by_hub}
    copies = [s for s in papers.stories if s.kind == "refund" and s.by_hub]
    for later in copies:
        for earlier in copies:
            one, other = origin[earlier.fields["note"]], origin[later.fields["note"]]
            kin = earlier.parent is later.parent and when(one.fields["at"]) < when(other.fields["at"])
            knew = kin and one.known_by(_went_back_at(one)) < later.left_at - 2 * RACE
            if knew and later.born.at < earlier.born.at and not any(_was_asked(papers, copy) for copy in (earlier, later)):
                papers.wrong("out of order", f"{later.place} before {earlier.place}", one, other, earlier, later)


def _went_back_at(refund: Story) -> Micros:
    """Return when the money went back, pending no longer."""
    return next((deed.at for deed in refund.deeds if deed.detail["fields"]["status"] == "OK"), NEVER)


def _was_asked(papers: Papers, copy: Story) -> bool:
    """Whether a person said yes to a refund, one by one: what still waits for a person holds nobody else up."""
    return _said_yes(papers, copy, copy.born.at)


def _judge_writes(papers: Papers, story: Story) -> None:
    ours = [deed for deed in story.deeds if deed.actor == "api"]
    if late := [deed for deed in ours if deed.at > papers.quiet_at]:
        papers.wrong("document written after quiet", f"{story.kind} {story.place}: {len(late)}", story)
    if story.kind in ("order", "message") and ours:
        papers.wrong("wrote what is not ours", f"{story.kind} {story.place}", story)
    writes = [deed for deed in ours if deed.action == "write"]
    vain = sum(not deed.detail["changed"] for deed in writes)
    if vain > 10:
        papers.wrong("too many vain writes", f"{story.kind} {story.place}: {vain}", story)


def _judge_obedience(papers: Papers) -> None:
    """No document is written while writes are stopped or its system is only watched, none unasked on trial."""
    office = papers.office
    home = min((act.asked for act in office.of("home")), default=0)
    stops = within(office.spells("writes", "", "on"), "stopped", GRACE)
    for story in papers.stories:
        spells = office.spells("mode", story.remote.name, "live")
        shut = stops + within(spells, "observe", GRACE)
        trial = within(spells, "propose", GRACE)
        for deed in (deed for deed in story.deeds if deed.actor == "api" and not _is_second_call(deed)):
            left = story.remote.first_left.get(str(deed.detail["key"]), deed.at)
            if left < home and any(since < left < until for since, until in shut):
                papers.wrong("document written though writes were stopped", f"{story.place} at {left}", story)
            if left < home and any(since < left < until for since, until in trial) and not _had_yes(papers, story, deed, left):
                papers.wrong("document written without a yes", f"{story.place} at {left}", story)


def _is_second_call(deed: Entry) -> bool:
    """A refund that was opened is paid out under the same yes."""
    return str(deed.detail["key"]).endswith("-2")


def _had_yes(papers: Papers, story: Story, deed: Entry, left: Micros) -> bool:
    where = "None" if deed.action == "create" else story.id
    acts = [act for act in papers.office.of("yes") if act.asked <= left and act.about == f"{story.remote.name}/{where}"]
    lines = [(line["field"], line["to"]) for act in acts for line in act.value]
    if deed.action == "create":
        named = {"refund": ("note", "note"), "deal": ("number", "name")}[story.kind]
        return (named[0], deed.detail["fields"][named[1]]) in lines
    heads = {"stage": "state", "status": "state", "name": "number", "contact": "customer"}
    heads["amount"] = "total" if story.kind == "deal" else "amount"
    asked = {heads.get(name, name) for name in deed.detail["asked"]} - {"currency"}
    said = {path.removeprefix("summary.") for path, _ in lines}
    return asked <= said


def lines_of(story: Story) -> list[str]:
    """Return what happened to a document, one line each."""
    return [
        f"{deed.at} {story.remote.name} {deed.actor} {deed.action} {story.id} in {deed.detail['parent']}"
        f" {deed.detail['fields']} left {deed.detail.get('left_at')}"
        for deed in story.deeds
    ]
