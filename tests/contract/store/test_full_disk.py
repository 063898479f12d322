"""A store that cannot be written for want of room: what was under way is undone whole, and the writer says why it stops."""

from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.errors import StoreLost
from hub.store import Store, Unit, Writer, open_store
from tests.contract.store.samples import link

WAIT_S = 20.0


@pytest.fixture
def full(tmp_path: Path) -> Store:
    """A store in which hardly a page is left."""
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    ((pages,),) = store._db.rows("PRAGMA page_count")
    store._db.script(f"PRAGMA max_page_count={pages + 1}")
    return store


def fill(unit: Unit) -> None:
    unit.save_links([link(n, external_id=f"{n}" * 300) for n in range(10, 400)])


def test_writer_stops_with_nothing_written_when_the_disk_is_full_inside_a_group(full: Store) -> None:
    writer = Writer(full, SystemClock())
    first = writer.submit(lambda unit: unit.save_links([link(1)]))
    second = writer.submit(fill)
    third = writer.submit(lambda unit: unit.save_links([link(2)]))
    writer.start()
    for ticket in (first, second, third):
        with pytest.raises(StoreLost):
            ticket.result(WAIT_S)
    writer.stop(WAIT_S)
    assert isinstance(writer.failure, StoreLost)
    assert links_of(full) == {}


def test_unit_leaves_nothing_when_the_disk_is_full_inside_it(full: Store) -> None:
    with pytest.raises(StoreLost), full.unit() as unit:
        fill(unit)
    assert links_of(full) == {}


def links_of(store: Store) -> dict[int, object]:
    """What the file holds, asked anew."""
    store.close()
    again = open_store(store.url)
    with again.unit() as unit:
        found = dict(unit.links_by_id([1, 2, *range(10, 400)]))
    again.close()
    return found
