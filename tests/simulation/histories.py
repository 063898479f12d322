"""Whether everybody's history is complete, and tickets show it: guests' documents hang on whoever signed up with their e-mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.lives import NEVER, Life, lives_of
from tests.simulation.stories import Story, bare, context, counts, when

if TYPE_CHECKING:
    from tests.simulation.paper_oracle import Papers


@dataclass(slots=True)
class Somebody:
    """One person: their records, and the documents that are theirs."""

    lives: list[Life]
    papers: list[Story]

    def entities(self, people: dict[tuple[str, str], int]) -> set[int]:
        """Return whom the hub takes them for."""
        living = [life for life in self.lives if life.died_at == NEVER]
        return {people[life.remote.name, life.external_id] for life in living if (life.remote.name, life.external_id) in people}


def judge_histories(papers: Papers) -> None:
    """Compare the history of everybody whose identity is beyond doubt with what really happened."""
    for somebody in _people(papers):
        if _is_doubtful(somebody):
            papers.counts["papers: people whose history is in doubt"] += 1
            continue
        who = somebody.entities(papers.archive.people)
        if len(who) != 1:
            papers.counts["papers: people who are not one in the hub"] += 1
            continue
        _judge_history(papers, somebody, who.pop())
        _judge_tickets(papers, somebody)


def _people(papers: Papers) -> list[Somebody]:
    people = lives_of(papers.remotes)
    for group in papers.office.groups():
        emails = [email for email in people if email in group]
        people[" = ".join(emails)] = [life for email in emails for life in people.pop(email)]
    everybody = [Somebody(lives, []) for lives in people.values()]
    by_record = {(life.remote.name, life.external_id): one for one in everybody for life in one.lives}
    by_email = {life.email: one for one in everybody for life in one.lives}
    for story in papers.stories:
        if story.by_hub or story.kind not in ("order", "ticket"):
            continue
        record = story.fields.get("customer") or story.fields.get("requester")
        email = (story.fields["email"] or "").lower()
        owner = by_record.get((story.remote.name, record)) if record is not None else by_email.get(email)
        if owner is not None:
            owner.papers.append(story)
    return everybody


def _is_doubtful(somebody: Somebody) -> bool:
    """Whether somebody is twice in a system by their own doing, or was deleted somewhere."""
    times = Counter(life.remote.name for life in somebody.lives)
    return max(times.values()) > 1 or any(life.died_at != NEVER for life in somebody.lives)


def _of_orders(papers: Papers, orders: Iterable[Story], kind: str) -> list[Story]:
    wanted = {bare(order.fields["number"]) for order in orders}
    found = []
    for story in papers.stories:
        if story.kind != kind or story.by_hub:
            continue
        number = (
            story.parent.fields["number"]
            if story.parent is not None
            else story.fields.get("receipt") or story.fields.get("about")
        )
        if number is not None and bare(number) in wanted:
            found.append(story)
    return found


def _judge_history(papers: Papers, somebody: Somebody, ident: int) -> None:
    orders = [one for one in somebody.papers if one.kind == "order"]
    tickets = [one for one in somebody.papers if one.kind == "ticket"]
    said = [child for ticket in tickets for child in ticket.children]
    right = {*somebody.papers, *_of_orders(papers, orders, "refund"), *_of_orders(papers, orders, "ticket"), *said}
    filed = {one.id: one.homes[0] for one in papers.archive.filed if one.homes}
    shown = [filed[one] for one in papers.archive.histories[ident]]
    papers.counts["papers: histories compared"] += bool(right)
    papers.counts["papers: guests' documents found again"] += sum(_is_guests(one) for one in somebody.papers)
    if sorted(shown) != sorted(story.place for story in right):
        lost = {story.place for story in right} - set(shown)
        more = [place for place in shown if place not in {story.place for story in right}]
        about = f"{somebody.lives[0].email}: lacks {sorted(lost)}, more than right {more}"
        papers.wrong("wrong history", about, *(story for story in right if story.place in lost))
    times = {story.place: when(story.fields["at"]) for story in said}
    order = [times[place] for place in shown if place in times]
    if order != sorted(order):
        papers.wrong("messages out of order", somebody.lives[0].email, *said)


def _is_guests(story: Story) -> bool:
    return (story.fields.get("customer") or story.fields.get("requester")) is None


def _judge_tickets(papers: Papers, somebody: Somebody) -> None:
    """A ticket that is open shows what its customer bought."""
    orders = [one for one in somebody.papers if one.kind == "order" and counts(one)]
    right = context(somebody.papers, _of_orders(papers, orders, "refund"))
    for ticket in somebody.papers:
        if ticket.kind != "ticket" or ticket.state in ("solved", "closed") or papers.is_muted(ticket, *somebody.papers):
            continue
        papers.counts["papers: contexts compared"] += 1
        typed = right is None and ticket.deeds[-1].actor != "api"  # where the hub says nothing, nothing is put right
        if ticket.fields["context"] != right and not typed and ticket.place not in papers.not_kept:
            about = f"ticket {ticket.place} shows {ticket.fields['context']!r}, right is {right!r}"
            papers.wrong("wrong context", about, ticket)
