"""A yes to "were these deleted?" has each record of a stream looked for, a part at a time, to the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from hub.model.link import Link, LinkState
from hub.model.record import EntityType
from hub.model.review import Review, ReviewKind
from hub.ops.office import Alone
from hub.ops.restores import LOOKING, PART, finish_looking
from hub.ops.reviews import resolve_review
from hub.store import Store, Unit, open_store
from tests.unit.clocks import StillClock
from tests.unit.yard import NOW, Yard

T = TypeVar("T")
ALL = 2 * PART + 3


def name(number: int) -> str:
    return f"{number:06}"


class Counting(Alone):
    """An office that counts the hints of each transaction."""

    def write(self, work: Callable[[Unit], T]) -> T:
        def counted(unit: Unit) -> tuple[T, int]:
            before = sum(unit.hint_counts().values())
            return work(unit), sum(unit.hint_counts().values()) - before

        done, hints = super().write(counted)
        self.hinted = [*getattr(self, "hinted", []), hints]
        return done


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store that knows many products of the shop, one of which ended."""
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    with store.unit() as unit:
        unit.save_links(Link(n, "shop", "products", name(n), EntityType.PRODUCT, n) for n in range(1, ALL + 1))
        unit.save_links([Link(1, "shop", "products", name(1), EntityType.PRODUCT, 1, LinkState.ENDED)])
        unit.save_links([Link(ALL + 1, "till", "products", name(1), EntityType.PRODUCT, 1)])
    yield store
    store.close()


def looked_for(store: Store) -> list[str]:
    with store.unit() as unit:
        assert not [flag for flag in unit.flags() if flag.startswith(LOOKING)]
        return sorted(f"{hint.connection} {hint.external_id} {hint.reason}" for hint in unit.due_hints("shop", NOW, 2 * ALL))


def test_every_living_record_is_looked_for_a_part_at_a_time_when_a_person_says_yes(store: Store) -> None:
    office = Counting(Yard(store).ground, store, StillClock(NOW))
    about = {"connection": "shop", "stream": "products", "missing": 9}
    with store.unit() as unit:
        unit.open_reviews([Review(1, ReviewKind.VANISHED, "shop/products", None, None, 1, about)])
    assert resolve_review(office, 1, "yes")["looked_at"] == ALL - 1
    assert looked_for(store) == [f"shop {name(n)} missing" for n in range(2, ALL + 1)]
    assert [count for count in office.hinted if count] == [PART - 1, PART, 3]


def test_search_goes_on_where_it_was_when_the_hub_died_meanwhile(store: Store) -> None:
    office = Alone(Yard(store).ground, store, StillClock(NOW))
    office.write(lambda unit: unit.set_flag(f"{LOOKING}shop/products", name(ALL - 2)))
    finish_looking(office)
    assert looked_for(store) == [f"shop {name(n)} missing" for n in (ALL - 1, ALL)]
