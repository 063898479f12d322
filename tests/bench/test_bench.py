"""The bench itself, over a handful of customers: its data, its yardstick, and what `ingest` makes of both."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest

from hub.config import Config, ConnectionConfig, Start
from hub.errors import UsageError
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.link import LinkKey
from hub.model.record import EntityType
from hub.model.review import Fate
from hub.model.traits import Ordering, Traits
from hub.ops.ingest import ingest
from hub.reconcile import settle
from hub.store import open_store
from hub.store.known import begin_known, load_links
from hub.store.store import Store
from tests.bench import data
from tests.bench.bars import judge
from tests.bench.measure import ProgramFailed, Sample, run
from tests.bench.programs import MAPPINGS

COUNT = 60


@pytest.fixture
def files(tmp_path: Path) -> data.Files:
    return data.make(tmp_path / "data", COUNT, changed_share=0.1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    return store


@pytest.fixture
def ground() -> Ground:
    mapping = load((MAPPINGS / "shopify" / "customers.yaml").read_text(encoding="utf-8"), "customers.yaml")
    settings = {"country": "DE"}
    connections = {n: ConnectionConfig(connector="shopify", settings=settings, start=Start.LIVE) for n in ("shop", "till")}
    keys = [(name, "customers") for name in connections]
    traits = dict.fromkeys(keys, Traits(ordering=Ordering.CHANGED_AT))
    return Ground(Config(connections=connections), dict.fromkeys(keys, mapping), traits)


def test_make_writes_the_same_bytes_when_called_elsewhere(tmp_path: Path, files: data.Files) -> None:
    again = data.make(tmp_path / "again", COUNT, changed_share=0.1)
    assert again.lines.read_bytes() == files.lines.read_bytes()
    assert again.changed.read_bytes() == files.changed.read_bytes()
    pages = [orjson.loads(page)["customers"] for page in files.pages.read_bytes().splitlines()]
    assert [one for page in pages for one in page] == [orjson.loads(line) for line in files.lines.read_bytes().splitlines()]


def test_read_leaves_no_drift_when_a_customer_is_generated(ground: Ground, files: data.Files) -> None:
    table = ground.tables["shop", "customers"]
    readings = [table.read(orjson.loads(line), {"country": "DE"}) for line in files.lines.read_bytes().splitlines()]
    assert [drift for reading in readings for drift in reading.drift] == []


def test_ingest_ends_every_record_when_a_file_comes_again_and_from_a_second_system(
    store: Store, ground: Ground, files: data.Files
) -> None:
    lines = (files.lines.read_bytes().splitlines(), files.changed.read_bytes().splitlines())
    edited = sum(one != other for one, other in zip(*lines, strict=True))
    assert edited > 0
    assert ingest(store, ground, "shop", "customers", files.lines, batch=7) == {Fate.APPLIED: COUNT}
    assert ingest(store, ground, "shop", "customers", files.lines) == {Fate.UNCHANGED: COUNT}
    assert ingest(store, ground, "till", "customers", files.lines, batch=11) == {Fate.APPLIED: COUNT}
    counts = ingest(store, ground, "shop", "customers", files.changed)
    assert counts == Counter({Fate.APPLIED: edited, Fate.UNCHANGED: COUNT - edited})
    with store.reader() as reader:
        assert reader.entity_counts() == {EntityType.CUSTOMER: COUNT}
        assert reader.counts()["links"] == 2 * COUNT
    store.close()


def test_ingest_sets_aside_when_a_line_is_no_object(store: Store, ground: Ground, tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl"
    good = orjson.dumps(data.customer(1))
    file.write_bytes(b"\n" + good + b"\r\n{broken\n[1]\n" + orjson.dumps(data.customer(2)))
    assert ingest(store, ground, "shop", "customers", file) == {Fate.APPLIED: 2, Fate.DEAD: 2}
    with store.reader() as reader:
        assert [letter.raw for letter in reader.dead_letters()] == [b"{broken", b"[1]"]
    store.close()


def test_ingest_refuses_when_there_is_no_such_stream(store: Store, ground: Ground, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shop/people"):
        ingest(store, ground, "shop", "people", tmp_path / "none.jsonl")
    store.close()


def test_settle_changes_nothing_when_records_were_just_born(store: Store, ground: Ground, files: data.Files) -> None:
    """The first load takes a short way to the golden record; the rules' own way must come to the same."""
    ingest(store, ground, "shop", "customers", files.lines)
    ids = [str(orjson.loads(line)["id"]) for line in files.lines.read_bytes().splitlines()]
    with store.unit() as unit:
        known = begin_known(unit)
        load_links(unit, known, [LinkKey("shop", "customers", i) for i in ids])
        assert len(known.by_id) == COUNT
        for link in known.by_id.values():
            entity = known.resolve(link.entity_id)
            before = {path: (g.value, g.stamp, g.link_id, g.standing) for path, g in entity.golden.items()}
            stands = {path: claim.stands for path, claim in link.claims.items()}
            assert settle(known, ground, entity, list(link.claims)) == []
            assert {path: (g.value, g.stamp, g.link_id, g.standing) for path, g in entity.golden.items()} == before
            assert {path: claim.stands for path, claim in link.claims.items()} == stands
            settled, entity.golden, entity.version = entity.golden, {}, 0
            settle(known, ground, entity, list(link.claims))
            assert entity.golden == settled
    store.close()


def test_raws_return_what_was_given_when_short_and_long(store: Store) -> None:
    given = {1: b'{"a":1}', 2: b'{"a":"' + b"x" * 5000 + b'"}', 3: b"[1]"}
    with store.unit() as unit:
        unit.save_raws(given)
        assert unit.raws(given) == given
    store.close()


def test_run_counts_all_programs_of_a_pipe_when_each_burns_time(tmp_path: Path) -> None:
    burn = "import sys, time\nwhile time.process_time() < 0.3: pass\nsys.stdout.write(sys.stdin.readline() or 'x')"
    sample = run([[sys.executable, "-c", burn.replace("sys.stdin.readline() or ", "")], [sys.executable, "-c", burn]], tmp_path)
    assert sample.cpu_s >= 0.6
    assert 2_000_000 < sample.peak_bytes < 400_000_000
    assert (tmp_path / "output.log").read_text() == "x"


def test_run_raises_when_a_program_fails(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="no such luck"):
        run([[sys.executable, "-c", "raise SystemExit('no such luck')"]], tmp_path)


def test_judge_takes_the_median_of_ratios_when_rounds_drift() -> None:
    def one(speed: float, hub_s: float) -> dict[str, tuple[int, Sample]]:
        names = {"hub start": 0.5, "hub small": 1.0, "hub first": hub_s, "hub again": 1.0, "hub second": 1.0}
        names |= {"reference first": 0.5, "reference again": 0.5, "reference second": 0.5}
        return {name: (1000, Sample(cpu * speed, 100_000_000, 1.0)) for name, cpu in names.items()}

    table = judge([one(1.0, 1.0), one(9.0, 2.0), one(2.0, 1.0)], {"singer": "not here"})
    found = {line.name: line for line in table}
    assert (found["first load : reference"].value, found["first load : reference"].word) == (0.5, "must")
    assert found["first load : singer-sdk"].word == "skipped: not here"
    assert found["peak memory of any run of the hub, MB"].word == "aim"
    assert found["growth of memory within a first load"].word.startswith("skipped")
    assert found["the same without what starting costs"].value == 1.0


def test_growth_is_seen_when_a_program_gets_larger_to_its_end() -> None:
    flat, growing = (50, 90, *[100] * 14), tuple(range(100, 260, 10))
    assert Sample(1.0, 1, 1.0, 0.0, flat).growth == 1.0
    assert Sample(1.0, 1, 1.0, 0.0, growing).growth == 250 / 170
    assert Sample(1.0, 1, 1.0, 0.0, (1, 2, 3)).growth is None
