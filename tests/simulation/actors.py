"""The people of a world: they edit customers at the remotes at random. Every text is unique, so that every edit can be traced."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.model.values import SECOND, Doc, Micros
from hub.sdk.base import VersionKind
from tests.simulation.baton import Baton
from tests.simulation.remote import HabitRemote, Row


@dataclass(slots=True)
class Town:
    """What all people of a world share. `pace_s`: mean pause of one of them between two things done."""

    baton: Baton
    remotes: list[HabitRemote]
    seed: int
    until: Micros
    pace_s: float = 20.0
    deletes: bool = True
    known: set[str] = field(default_factory=set)
    """E-mails of the people who were there from the start."""
    _count: int = 0

    def number(self) -> int:
        """Return a number nobody used."""
        self._count += 1
        return self._count

    def text(self, path: str) -> Any:
        """Return a value for a flat scalar that was never used before."""
        n = self.number()
        return {"phone": spelt(n), "first_name": f"Ada{n}"}.get(path, f"{n}zellermeier")

    def fields(self, email: str, first_name: str, **more: Any) -> Doc:
        """Return the fields of a customer."""
        return {
            "email": email,
            "first_name": first_name,
            "last_name": self.text("last_name"),
            "phone": None,
            "note": None,
            **more,
        }


def spelt(n: int) -> str:
    """Return a phone number as one of the ways in which people type it."""
    rest = f"{n:08d}"
    return (f"+4915{rest}", f"+49 15 {rest[:4]} {rest[4:]}", f"015{rest}", f"015/{rest}", f"004915{rest}")[n % 5]


def populate(town: Town, people: int, rng: random.Random) -> None:
    """Put people into the remotes before the hub comes: many in several, with values that differ."""
    for _ in range(people):
        n = town.number()
        email, first_name = f"p{n}@example.org", f"Ada{n}"
        town.known.add(email)
        homes = [remote for remote in town.remotes if rng.random() < 0.7] or [rng.choice(town.remotes)]
        same = town.fields(email, first_name)
        for remote in homes:
            own = {} if rng.random() < 0.5 else town.fields(email, first_name)
            own = {**same, **own, "tags": [f"t{town.number()}"], "note": town.text("note") if rng.random() < 0.5 else None}
            remote.create("people", own, action="seed")
    for remote in town.remotes:
        town.baton.record(remote.name, "populated", len(remote.rows))


class Somebody:
    """A worker that does things until the town closes. Subclasses say what, and how likely each is."""

    _deeds: Sequence[tuple[Callable[[], object], int]]

    def __init__(self, town: Town, name: str, pace_s: float) -> None:
        self._town, self._name, self._pace_s = town, name, pace_s
        self._rng = random.Random(f"{name} {town.seed}")

    def live(self) -> None:
        """Do things until the town closes."""
        town = self._town
        while town.baton.time < town.until:
            self.pause(self._rng.expovariate(1 / self._pace_s))
            if town.baton.time < town.until:
                deeds, weights = zip(*self._deeds, strict=True)
                deed = self._rng.choices(deeds, weights)[0]
                town.baton.record(self._name, deed.__name__)
                deed()

    def pause(self, seconds: float) -> None:
        self._town.baton.door("people", round(seconds * SECOND))


class Person(Somebody):
    """One shopper, cashier or clerk."""

    def __init__(self, town: Town, name: str) -> None:
        super().__init__(town, name, town.pace_s)
        self._deeds = [
            (self.edits, 10), (self.clashes, 4), (self.clears, 1), (self.consents, 2), (self.tags, 3), (self.addresses, 4),
            (self.signs_up, 2), (self.signs_up_twice, 1), (self.signs_up_again, 1), (self.imports, 1), (self.works_offline, 1),
            (self.forbids, 1),
            (self.deletes, 1 if town.deletes else 0),
        ]  # fmt: skip

    def any_row(self, remote: HabitRemote) -> Row | None:
        rows = sorted(remote.rows.values(), key=lambda row: row.id)
        return self._rng.choice(rows) if rows else None

    def edits(self) -> None:
        remote = self._rng.choice(self._town.remotes)
        row = self.any_row(remote)
        if row is not None:
            remote.edit(self._name, row.id, self._change(row))

    def _change(self, row: Row) -> Doc:
        paths = ["last_name", "last_name", "note", "phone"]
        if row.fields["email"] and row.fields["email"].lower() in self._town.known:
            paths.append("first_name")
        chosen = dict.fromkeys(self._rng.choices(paths, k=self._rng.choice((1, 1, 2))))
        return {path: self._town.text(path) for path in chosen}

    def clashes(self) -> None:
        """Change the same field on two systems at nearly the same time."""
        first, second = self._rng.sample(self._town.remotes, 2)
        row = self.any_row(first)
        other = second.by_email(row.fields["email"]) if row else None
        if row is None or other is None:
            return
        path = self._rng.choice(("last_name", "note", "phone"))
        first.edit(self._name, row.id, {path: self._town.text(path)})
        self.pause(self._rng.choice((0.0, 0.05, 0.5, 2.0)) * self._rng.random())
        if other.id in second.rows:
            second.edit(self._name, other.id, {path: self._town.text(path)})

    def clears(self) -> None:
        remote = self._rng.choice(self._town.remotes)
        row = self.any_row(remote)
        if row is not None:
            remote.edit(self._name, row.id, {self._rng.choice(("note", "phone")): None})

    def consents(self) -> None:
        remote = self._rng.choice(self._town.remotes)
        row = self.any_row(remote)
        if row is not None:
            path = self._rng.choice(("consents.email", "consents.sms"))
            remote.edit(self._name, row.id, {path: self._rng.choice(("granted", "withdrawn"))})

    def tags(self) -> None:
        remote = self._rng.choice(self._town.remotes)
        row = self.any_row(remote)
        if row is None:
            return
        if row.fields["tags"] and self._rng.random() < 0.4:
            remote.edit(self._name, row.id, {f"tags/{self._rng.choice(row.fields['tags'])}": None})
        else:
            remote.edit(self._name, row.id, {f"tags/t{self._town.number()}": True})

    def addresses(self) -> None:
        remote = self._rng.choice(self._town.remotes)
        row = self.any_row(remote)
        if row is None:
            return
        city = f"{self._town.number()}stadt"
        if not row.fields["addresses"] or self._rng.random() < 0.4:
            remote.edit(self._name, row.id, {f"addresses/Lane {self._town.number()}": city})
            return
        line1 = self._rng.choice(row.fields["addresses"])["line1"]
        remote.edit(self._name, row.id, {f"addresses/{line1}": None if self._rng.random() < 0.3 else city})

    def signs_up(self) -> None:
        n = self._town.number()
        self._rng.choice(self._town.remotes).create(self._name, self._town.fields(f"p{n}@example.org", f"Ada{n}"))

    def signs_up_twice(self) -> None:
        """The same new person in two systems, moments apart."""
        n = self._town.number()
        first, second = self._rng.sample(self._town.remotes, 2)
        first.create(self._name, self._town.fields(f"p{n}@example.org", f"Ada{n}"))
        self.pause(self._rng.choice((0.0, 1.0, 8.0)) * self._rng.random())
        second.create(self._name, self._town.fields(f"p{n}@example.org", f"Ada{n}"))

    def signs_up_again(self) -> None:
        """Somebody who is there signs up elsewhere under another e-mail, with the same phone: are they one person?"""
        first, second = self._rng.sample(self._town.remotes, 2)
        row = self.any_row(first)
        if row is not None and row.fields["phone"]:
            again = {"phone": row.fields["phone"]}
            second.create(
                self._name, self._town.fields(f"p{self._town.number()}@example.org", row.fields["first_name"] or "Ada", **again)
            )

    def forbids(self) -> None:
        """A system refuses a field for some minutes: what is refused there is set aside and has to be tried again."""
        remote = self._rng.choice(self._town.remotes)
        field_there = self._rng.choice(("note", "phone", "last_name"))
        remote.refuses.add(field_there)
        self.pause(self._rng.uniform(60, 240))
        remote.refuses.discard(field_there)

    def imports(self) -> None:
        """Change several records at one moment: equal times, at page edges too."""
        remote = self._rng.choice(self._town.remotes)
        for row in sorted(remote.rows.values(), key=lambda row: row.id)[: self._rng.randrange(2, 6)]:
            remote.edit(self._name, row.id, {"note": self._town.text("note")})

    def works_offline(self) -> None:
        """Collect edits and hand them in later, all at once; a system with a counter dates them back."""
        remote = self._rng.choice(self._town.remotes)
        kept = []
        for _ in range(self._rng.choice((1, 1, 2, 4))):
            kept += [(self._town.baton.time, row, self._change(row)) for row in [self.any_row(remote)] if row is not None]
            self.pause(self._rng.uniform(60, 300))
        for at, row, change in kept:
            if row.id in remote.rows:
                remote.edit(self._name, row.id, change, at=at if remote.habits.version is VersionKind.COUNTER else None)

    def deletes(self) -> None:
        remote = self._rng.choice(self._town.remotes)
        row = self.any_row(remote)
        if row is not None and len(remote.rows) > 3 and self._rng.random() < 0.5:
            remote.delete(self._name, row.id)
