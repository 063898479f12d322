import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from hub.errors import ConfigError, Unavailable
from hub.store import Store, open_reader, open_store, schema
from hub.store.models import METADATA
from hub.store.store import _connector


def test_empty_store_is_refused_until_it_is_migrated(url: str) -> None:
    store = open_store(url)
    with pytest.raises(ConfigError, match="empty"), store.unit():
        pass
    with pytest.raises(ConfigError, match="empty"):
        store.reserve_seqs()
    store.migrate()
    store.migrate()
    with store.unit() as unit:
        assert unit.next_id("link") == 1
    store.close()


def test_newer_store_is_refused_and_not_migrated(url: str, store: Store) -> None:
    with store.unit() as unit:
        unit._db.run("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    newer = open_store(url)
    with pytest.raises(ConfigError, match="newer"), newer.unit():
        pass
    with pytest.raises(ConfigError, match="newer"):
        newer.migrate()
    with pytest.raises(ConfigError, match="newer"):
        open_reader(url)
    newer.close()


def test_older_store_is_refused_until_it_is_migrated(url: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.close()
    monkeypatch.setattr(schema, "REVISIONS", ("0001", "0002"))
    older = open_store(url)
    with pytest.raises(ConfigError, match="older schema 0001"):
        older.check()
    older.close()


def test_migrations_make_exactly_the_tables(url: str, store: Store) -> None:
    dialect, connect = _connector(url)
    engine = create_engine(f"{dialect}://", creator=connect)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_known_revisions_are_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", "hub:store/migrations")
    script = ScriptDirectory.from_config(config)
    assert tuple(r.revision for r in script.walk_revisions())[::-1] == schema.REVISIONS


@pytest.mark.parametrize("bad", ["hub.db", "sqlite://", "sqlite:///:memory:", "sqlite:///", "mysql://x"])
def test_address_of_another_kind_is_refused(bad: str) -> None:
    with pytest.raises(ConfigError):
        open_store(bad)


def test_unknown_durability_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="synchronous"):
        open_store(url, synchronous="MAYBE")


def test_absent_database_is_said_without_its_password() -> None:
    with pytest.raises(Unavailable) as caught:
        open_store("postgresql://hub:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
