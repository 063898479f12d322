"""A copy is one committed state, whatever the store is, and a store holds again what a copy holds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from hub.errors import ConfigError, StoreBusy
from hub.ops.verdicts import look_into
from hub.store import Store, open_reader, open_store
from hub.store.backup import copy_store, damage, pour_into
from tests.contract.store.samples import entity, full_attempt, full_delivery, full_entity, full_link, link


def filled(store: Store) -> Store:
    """Put one of everything into a store, and a second commit on top."""
    with store.unit() as unit:
        unit.save_entities([entity(5), entity(2), full_entity(3), *(entity(i) for i in range(10, 40))])
        unit.save_links([full_link(1), *(link(i) for i in range(10, 40))])
        unit.save_raws({1: b'{"a": 1}', 10: b'{"b": "' + b"x" * 5000 + b'"}'})
        unit.save_attempts([full_attempt(66)])
        unit.save_deliveries([full_delivery(4)])
        unit.set_flag("instance", "abc")
        unit.next_id("link", 40)
    return store


def held(url: str) -> list[object]:
    """Return what a reader finds."""
    with open_reader(url) as reader:
        ids = range(50)
        return [
            reader.links_by_id(ids),
            reader.entities(ids),
            reader.raws(list(ids)),
            reader.attempts([66]),
            reader.open_deliveries(),
            reader.flags(),
        ]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let even a small store take several parts."""
    monkeypatch.setattr("hub.store.backup.ROWS", 7)
    monkeypatch.setattr("hub.store.backup.PAGES", 1)


def test_copy_holds_the_last_commit_when_a_unit_is_open(store: Store, url: str, tmp_path: Path) -> None:
    filled(store)
    before = held(url)
    with store.unit() as unit:
        unit.set_flag("later", "1")
        copy_store(url, tmp_path / "copy.db")
    assert held(f"sqlite:///{tmp_path}/copy.db") == before
    assert damage(tmp_path / "copy.db") == []


def test_copy_says_how_far_it_is_when_it_takes_a_while(store: Store, url: str, tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    copy_store(filled(store).url, tmp_path / "copy.db", lambda done, of: said.append((done, of)))
    assert len(said) > 5
    assert said == sorted(said)
    assert said[-1][0] == said[-1][1]


def test_copy_is_for_its_owner_only_when_it_is_made(store: Store, url: str, tmp_path: Path) -> None:
    copy_store(filled(store).url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_copy_is_refused_when_the_file_is_there(store: Store, url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match="there already"):
        copy_store(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text("utf-8") == "mine"


def test_store_holds_the_copy_and_nothing_else_when_it_is_poured_back(store: Store, url: str, tmp_path: Path) -> None:
    copy_store(filled(store).url, tmp_path / "copy.db")
    before = held(url)
    with store.unit() as unit:
        unit.save_entities([entity(77)])
        unit.set_flag("later", "1")
    store.close()
    pour_into(tmp_path / "copy.db", url)
    assert held(url) == before
    with closing(open_store(url)) as again, again.unit() as unit:
        assert unit.next_id("link") == 41


def test_postgresql_is_not_filled_when_a_hub_writes_to_it(postgres_url: str, tmp_path: Path) -> None:
    store = open_store(postgres_url, synchronous="OFF")
    store.migrate()
    copy_store(filled(store).url, tmp_path / "copy.db")
    with pytest.raises(StoreBusy):
        pour_into(tmp_path / "copy.db", postgres_url)
    store.close()


def test_store_is_told_sound_or_not_when_it_is_looked_into(store: Store, url: str) -> None:
    with store.unit() as unit:
        unit.save_entities([entity(10)])
        unit.save_links([link(10)])
    assert look_into(url)["wrong"] == []
    with store.unit() as unit:
        unit.save_links([link(11)])
    assert look_into(url)["wrong"] == ["a record of a system belongs to nobody (1 times)"]


def test_file_is_damaged_when_bytes_of_it_changed(store: Store, tmp_path: Path) -> None:
    copy_store(filled(store).url, tmp_path / "copy.db")
    body = bytearray((tmp_path / "copy.db").read_bytes())
    body[len(body) // 2 : len(body) // 2 + 3000] = b"\xff" * 3000
    (tmp_path / "copy.db").write_bytes(body)
    assert damage(tmp_path / "copy.db") != []
