import psycopg
import pytest

from hub.clock import SystemClock
from hub.errors import StoreLost
from hub.store import Unit, Writer, open_store
from hub.store.postgres import PostgresDb
from tests.contract.store.samples import link

WAIT_S = 20.0


def cut(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        other.execute(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {others}")


def test_writer_stops_when_its_session_is_lost_between_units(postgres_url: str) -> None:
    store = open_store(postgres_url)
    store.migrate()
    writer = Writer(store, SystemClock())
    cut(postgres_url)
    ticket = writer.submit(lambda unit: unit.save_links([link(1)]))
    writer.start()
    with pytest.raises(StoreLost):
        ticket.result(WAIT_S)
    writer.stop(WAIT_S)
    assert isinstance(writer.failure, StoreLost)
    store.close()


def test_nothing_is_left_when_the_session_is_lost_inside_a_unit(postgres_url: str) -> None:
    def save_and_cut(unit: Unit) -> None:
        unit.save_links([link(1)])
        cut(postgres_url)

    store = open_store(postgres_url)
    store.migrate()
    writer = Writer(store, SystemClock())
    ticket = writer.submit(save_and_cut)
    writer.start()
    with pytest.raises(StoreLost):
        ticket.result(WAIT_S)
    writer.stop(WAIT_S)
    store.close()
    again = open_store(postgres_url)
    with again.unit() as unit:
        assert unit.links_by_id([1]) == {}
    again.close()


def test_ids_are_drawn_once_when_what_follows_a_commit_fails(postgres_url: str) -> None:
    """Tables are analysed after a commit; here somebody holds one of them, and it does not wait."""
    store = open_store(postgres_url)
    store.migrate()
    db = store._db
    assert isinstance(db, PostgresDb)
    db.run("SET lock_timeout = '20ms'")
    db._analyse_at = 1
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE link IN SHARE UPDATE EXCLUSIVE MODE")
        with store.unit() as unit:
            first = unit.next_id("link")
            unit.save_links([link(first)])
    with store.unit() as unit:
        assert (unit.next_id("link") > first, list(unit.links_by_id([first]))) == (True, [first])
    store.close()
