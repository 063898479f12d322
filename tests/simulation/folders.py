"""What a remote's documents are like: which it holds, how it writes amounts, and its habits that only documents have.

Roles: `shop` (orders with their refunds inside, and takes refunds from the hub), `till` (sales, and refunds by receipt number),
`desk` (tickets with messages, and deals in which the hub shows everybody's orders).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hub.sdk.base import Safe

DIGITS: Final = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
"""The currencies of a world, with the digits of their minor unit (ISO 4217)."""

STREAMS: Final = {
    "shop": (("orders", "order"), ("refunds", "refund")),
    "till": (("sales", "order"), ("refunds", "refund")),
    "desk": (("deals", "deal"), ("tickets", "ticket"), ("comments", "message")),
}
"""Role -> its streams with the kind of document in each, parents first."""

LETTERS: Final = {"order": "o", "refund": "r", "deal": "d", "ticket": "t", "message": "m"}


@dataclass(frozen=True, slots=True)
class PaperHabits:
    """How a remote keeps documents, beside the habits that it has anyway."""

    roles: frozenset[str]
    form: str = "iso"
    """How amounts are written: `iso` (minor units, a number) or `major` (a text like `12.50`)."""
    still: bool = False
    """A change of state alone moves neither version nor time of an order, sale or refund."""
    apart: bool = False
    """Messages do not stand in their ticket but are a stream of their own."""
    child_first: bool = False
    """Children are listed, and told by webhook, before their parents."""
    create: Safe = Safe.IDEMPOTENCY_KEY
    steps: bool = False
    """A refund takes two calls: it is opened, then paid out."""
    gross: bool = True

    def streams(self) -> dict[str, str]:
        """Return stream -> kind of document, in the order in which they are read."""
        found = [pair for role in ("shop", "till", "desk") if role in self.roles for pair in STREAMS[role]]
        return dict(reversed(found) if self.child_first else found)

    def stands_in(self, stream: str) -> str:
        """Return the stream in whose documents a stream's documents stand; empty: in none."""
        if stream == "refunds" and "shop" in self.roles:
            return "orders"
        return "tickets" if stream == "comments" and not self.apart else ""

    def written(self, amount: int, currency: str) -> int | str:
        """Return an amount of minor units as it is written there."""
        return amount if self.form == "iso" else f"{Decimal(amount).scaleb(-DIGITS[currency]):.{DIGITS[currency]}f}"

    def read(self, text: int | str, currency: str) -> int:
        """Return what is written there in minor units."""
        return int(text) if self.form == "iso" else int(Decimal(str(text)).scaleb(DIGITS[currency]))


def file_habits(seed: int, names: Sequence[str]) -> dict[str, PaperHabits]:
    """Draw who keeps which documents, and how."""
    rng = random.Random(f"papers {seed}")
    roles = {name: set[str]() for name in names}
    for role, name in (("shop", names[0]), ("till", names[1]), ("desk", names[-1])):
        roles[name].add(role)
    return {name: _roll(rng, frozenset(roles[name])) for name in names}


def _roll(rng: random.Random, roles: frozenset[str]) -> PaperHabits:
    return PaperHabits(
        roles,
        form=rng.choice(("iso", "major")),
        still=rng.random() < 0.3,
        apart=rng.random() < 0.4,
        child_first=rng.random() < 0.4,
        create=rng.choice((Safe.IDEMPOTENCY_KEY, Safe.MARKER)),
        steps=rng.random() < 0.3,
        gross=rng.random() < 0.6,
    )


PAPER_MARKS: Final = (
    "papers still", "papers apart", "papers child_first", "papers steps", "papers form major",
    "papers create idempotency_key", "papers create marker",
)  # fmt: skip
"""Habits of documents that a long run has to have met."""


def paper_marks(habits: PaperHabits) -> set[str]:
    """Return what is unusual about a remote's documents, one word each."""
    found = {f"papers {name}" for name in ("still", "apart", "child_first", "steps") if getattr(habits, name)}
    makes = habits.roles & {"shop", "desk"}
    return found | {f"papers form {habits.form}"} | ({f"papers create {habits.create.value}"} if makes else set())
