"""People edit at random on both sides, answers get lost, webhooks too: in the end a till and a CRM show the same customers."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.join.test_crm import Pair
from tests.retailer import Break, answer_with, lose_answer, lose_request

FIELDS: Final = {"given_name": "firstname", "family_name": "lastname", "phone_number": "phone", "company_name": "company"}
BREAKS: Final[tuple[Break, ...]] = (
    lose_answer,
    lose_request,
    answer_with(500),
    answer_with(503, **{"retry-after": "2"}),
    answer_with(429),
)
STEPS: Final = 40


class Bustle:
    """People and bad luck, by a seed."""

    def __init__(self, pair: Pair, seed: int) -> None:
        self.pair = pair
        self.chance = random.Random(seed)
        self.drawn = 0
        kinds: tuple[tuple[Callable[[], Any], int], ...] = (
            (self.edit_till, 12),
            (self.edit_crm, 12),
            (self.add_till, 2),
            (self.add_crm, 2),
            (self.break_wire, 4),
            (pair.hear, 2),
            (pair.crm.take_webhooks, 2),  # lost
            (pair.round, 2),
            (pair.poll, 2),
        )
        self.kinds = [kind for kind, weight in kinds for _ in range(weight)]

    def run(self) -> None:
        """Let it happen, then let it come to rest."""
        for _ in range(5):
            self.chance.choice((self.add_till, self.add_crm))()
        self.pair.settle()
        for _ in range(STEPS):
            self.chance.choice(self.kinds)()
            self.pair.clock.sleep(self.chance.choice((0.01, 0.5, 3, 15)))
        self.pair.poll(4)

    def value(self, field: str) -> str:
        """Return a value that nobody used yet."""
        self.drawn += 1
        return f"+3312345{self.drawn:04d}" if field == "phone_number" else f"V{self.drawn}"

    def add_till(self) -> None:
        name = self.value("given_name")
        self.pair.till.add_customer(given_name=name, email_address=f"{name.lower()}@x.example")

    def add_crm(self) -> None:
        name = self.value("given_name")
        self.pair.crm.add_contact(firstname=name, email=f"{name.lower()}@x.example", city="Lyon")

    def edit_till(self) -> None:
        field = self.chance.choice(list(FIELDS))
        self.pair.till.edit_customer(self.chance.choice(self.pair.till.customer_ids()), **{field: self.value(field)})

    def edit_crm(self) -> None:
        field = self.chance.choice(list(FIELDS))
        self.pair.crm.edit_contact(self.chance.choice(self.pair.crm.contact_ids()), **{FIELDS[field]: self.value(field)})

    def break_wire(self) -> None:
        self.pair.wires[self.chance.choice(("till", "crm"))].breaks.append(self.chance.choice(BREAKS))


def _at_till(pair: Pair) -> dict[str, list[str | None]]:
    return {mail: [doc.get(ours) or None for ours in FIELDS] for mail, doc in pair.at_till().items()}


def _at_crm(pair: Pair) -> dict[str, list[str | None]]:
    return {mail: [doc.get(theirs) or None for theirs in FIELDS.values()] for mail, doc in pair.at_crm().items()}


@pytest.mark.parametrize("seed", range(6))
def test_both_show_the_same_when_everything_has_settled(tmp_path: Path, seed: int) -> None:
    pair = Pair(tmp_path)
    try:
        Bustle(pair, seed).run()
        assert _at_till(pair) == _at_crm(pair)
        assert len(pair.till.customer_ids()) == len(pair.crm.contact_ids()) == len(_at_crm(pair))
        assert pair.hub.open_items() == []
    finally:
        pair.close()
