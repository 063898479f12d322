"""`hub db migrate` over a store of an earlier revision: every row is there afterwards, or nothing happened at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hub.errors import ConfigError
from hub.store import open_reader, open_store, schema
from tests.contract.store.kept import RELEASES, dump, load, rows, unpack
from tests.unit.cli.told import install, typed

NEXT = '''
"""What a later release might do."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None

def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("links", sa.Integer()))
    op.execute("INSERT INTO later SELECT 1, count(*) FROM link")
'''
BROKEN = NEXT + '    op.execute("UPDATE link SET external_id = 0")\n    op.execute("SELECT nothing FROM nowhere")\n'


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the store of a small retailer, as the hub left it."""
    install(tmp_path.resolve())
    return tmp_path / ".hub" / "hub.db"


def release(folder: Path, monkeypatch: pytest.MonkeyPatch, migration: str) -> None:
    """Let this be a later release, with one more migration."""
    shutil.copytree(schema.MIGRATIONS, folder / "later", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "later" / "versions" / "0002_later.py").write_text(migration, "utf-8")
    monkeypatch.setattr(schema, "MIGRATIONS", folder / "later")
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "0002"))


def test_migrate_keeps_every_row_when_a_release_brings_a_revision(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(store)
    release(tmp_path, monkeypatch, NEXT)
    code, _, said = typed(["status", "--config", str(tmp_path / "config.yaml")])
    assert (code, "Migrate it first" in said) == (2, True)
    assert typed(["db", "migrate", "--config", str(tmp_path / "config.yaml")])[0] == 0
    after = rows(store)
    assert after.pop("later") == [(1, len(before["link"]))]
    assert after == before
    assert typed(["explain", "customer", "ada@example.org", "--config", str(tmp_path / "config.yaml")])[0] == 0


def test_migrate_changes_nothing_when_it_fails_halfway(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(store)
    release(tmp_path, monkeypatch, BROKEN)
    assert typed(["db", "migrate", "--config", str(tmp_path / "config.yaml")])[0] != 0
    assert rows(store) == before
    with pytest.raises(ConfigError, match="older schema 0001"):
        open_reader(f"sqlite:///{store}")


def test_kept_store_is_the_same_when_it_is_loaded(store: Path, tmp_path: Path) -> None:
    load(dump(store), tmp_path / "loaded.db")
    assert rows(tmp_path / "loaded.db") == rows(store)
    assert len(rows(store)["link"]) > 3
    with open_reader(f"sqlite:///{tmp_path}/loaded.db") as reader:
        assert reader.counts()["entities"] > 1


KEPT = sorted(path.stem for path in RELEASES.glob("*.sql"))


@pytest.mark.parametrize("kept", KEPT)
def test_installation_of_a_release_works_after_an_upgrade(kept: str, tmp_path: Path) -> None:
    unpack(kept, tmp_path)
    at = ["--config", str(tmp_path / "config.yaml"), "--json"]
    assert typed(["check", "--offline", *at])[0] == 0
    used = json.loads(typed(["mapping", "check", *at])[1])["data"]["files"]
    assert {str(tmp_path / "mappings" / name) for name in ("shopify/customers.yaml", "square/customers.yaml")} <= set(used)
    own = [str(path) for path in tmp_path.glob("mappings/*/*.yaml")]  # those of systems that are not connected, too
    assert typed(["mapping", "check", *own, *at])[0] == 0
    assert typed(["db", "migrate", *at])[0] == 0
    status = json.loads(typed(["status", *at])[1])["data"]
    assert [one["connection"] for one in status["connections"]] == ["shop", "till"]
    explained = json.loads(typed(["explain", "customer", "ada@example.org", *at])[1])["data"]
    assert {one["field"]: one["value"] for one in explained["fields"]}["note"] == "coffee"


@pytest.mark.parametrize("kept", sorted(RELEASES.glob("*.sql")), ids=lambda path: path.stem)
def test_store_of_a_release_comes_up_to_this_one(kept: Path, tmp_path: Path) -> None:
    load(kept.read_text("utf-8"), tmp_path / "hub.db")
    links = len(rows(tmp_path / "hub.db")["link"])
    opened = open_store(f"sqlite:///{tmp_path}/hub.db")
    opened.migrate()
    opened.check()
    opened.close()
    assert len(rows(tmp_path / "hub.db")["link"]) == links
