from dataclasses import replace
from pathlib import Path

import pytest

from hub.errors import ConfigError
from hub.model.link import LinkState
from hub.model.record import EntityType
from hub.store import Store, open_reader
from hub.store.reader import LinkCount
from tests.contract.store.samples import attempt, delivery, entity, link


def fill(store: Store) -> None:
    with store.unit() as unit:
        unit.save_entities([entity(1), entity(2, alias_of=1), entity(3)])
        unit.save_links([link(1, "c-1", entity_id=1), link(2, "c-2", entity_id=3)])
        unit.set_match_keys([(EntityType.CUSTOMER, "email", "a@example.org", 1, 2)])
        unit.save_deliveries([delivery(1)])
        unit.save_attempts([attempt(1)])


def test_reader_sees_what_was_committed_and_nothing_else(url: str, store: Store) -> None:
    fill(store)
    with open_reader(url) as reader, store.unit() as unit:
        unit.save_links([link(9)])
        assert [found.id for found in reader.links_of([1, 3, 9])] == [1, 2]
        some = {"entities": 3, "links": 2, "deliveries": 1, "open_attempts": 1}
        assert reader.counts() == some | dict.fromkeys(("reviews", "dead_letters", "waiting", "hints"), 0)
        assert reader.link_counts() == [LinkCount("shop", "customers", 2)]
        assert reader.entity_counts() == {EntityType.CUSTOMER: 3}


def test_counts_leave_out_what_ended_and_streams_without_a_living_link(store: Store) -> None:
    fill(store)
    with store.unit() as unit:
        unit.save_links(
            [link(2, "c-2", entity_id=3, state=LinkState.ENDED), replace(link(9, "v-1", state=LinkState.ENDED), stream="old")]
        )
    with store.reader() as reader:
        assert reader.link_counts() == [LinkCount("shop", "customers", 1)]
        assert reader.counts()["links"] == 1


def test_reader_finds_by_external_id_key_or_id(store: Store) -> None:
    fill(store)
    with store.reader() as reader:
        assert reader.find("c-2") == [entity(3)]
        assert reader.find("a@example.org") == [entity(1)]
        assert reader.find("2") == [entity(1)]
        assert reader.find("nobody") == []
        assert reader.find("9" * 30) == []
        assert reader.entity(2) == entity(1)
        assert reader.entity(99) is None


def test_snapshot_shows_one_state(store: Store) -> None:
    fill(store)
    with store.reader() as reader:
        with reader.snapshot():
            before = reader.counts()
            with store.unit() as unit:
                unit.save_links([link(9)])
            assert reader.counts() == before
        assert reader.counts()["links"] == 3


def test_reader_cannot_write(url: str, store: Store) -> None:
    with open_reader(url) as reader, pytest.raises(Exception, match=r"read-?only"):
        reader._db.run("DELETE FROM link")


def test_reader_refuses_when_there_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no store"):
        open_reader(f"sqlite:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []
