"""What is run: the hub, the reference pipeline and a singer-sdk load, each over the same customers.

The reference and the peers live outside of this repository; without them their rows are skipped.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.data import Files
from tests.bench.measure import Sample, run

ROOT = Path(__file__).parents[2]
PERF = Path(os.environ.get("SYNCLINE_SHARED", ROOT.parent / "shared")) / "perf"
MAPPINGS = Path(__file__).parent / "mappings"
CONFIG = """\
# Two shops with the same people, both live: their values vote. Nothing is called: `hub ingest` reads files only.
store: {{url: "sqlite:///hub.db", synchronous: normal}}
mappings: {mappings}
connections:
  shop:
    connector: shopify
    start: live
    settings: {{base_url: "https://shop.example", access_token: "${{BENCH_TOKEN:-demo-bench}}", country: DE}}
  till:
    connector: shopify
    start: live
    settings: {{base_url: "https://till.example", access_token: "${{BENCH_TOKEN:-demo-bench}}", country: DE}}
"""
SINGER = ROOT / ".bench" / "singer" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Step:
    """One run of one program. `records`: how many lines it is given."""

    name: str
    records: int
    measure: Callable[[], Sample]


def missing() -> dict[str, str]:
    """Return what cannot be run here, and why."""
    why = {}
    if not (PERF / "pipeline.py").exists():
        why["reference"] = f"{PERF.name}/pipeline.py is not beside this repository (set SYNCLINE_SHARED)"
    if not (PERF / "peers" / "singer_tap.py").exists():
        why["singer"] = f"{PERF.name}/peers is not beside this repository (set SYNCLINE_SHARED)"
    elif not SINGER.exists():
        why["singer"] = "singer-sdk is not installed in .bench/singer"
    return why


def steps(work: Path, files: Files, count: int, small: Files, small_count: int) -> list[Step]:
    """Return one round, in an order that keeps what is compared side by side. Its first steps begin with empty stores."""
    without = missing()
    nobody = work / "nobody.jsonl"
    nobody.write_bytes(b"")
    found = [
        Step("hub start", 0, lambda: _hub(work / "small", "shop", nobody, fresh=True)),
        Step("hub small", small_count, lambda: _hub(work / "small", "shop", small.lines, fresh=True)),
        Step("hub first", count, lambda: _hub(work / "hub", "shop", files.lines, fresh=True)),
        Step("reference first", count, lambda: _reference(work, files.pages, "--fresh")),
        Step("singer first", count, lambda: _singer(work, files.lines, fresh=True)),
        Step("hub again", count, lambda: _hub(work / "hub", "shop", files.lines)),
        Step("reference again", count, lambda: _reference(work, files.pages)),
        Step("singer again", count, lambda: _singer(work, files.lines)),
        Step("hub changed", count, lambda: _hub(work / "hub", "shop", files.changed)),
        Step("hub second", count, lambda: _hub(work / "hub", "till", files.lines)),
        Step("reference second", count, lambda: _reference(work, files.pages, "--system", "till")),
    ]
    return [step for step in found if step.name.partition(" ")[0] not in without]


def _hub(folder: Path, connection: str, lines: Path, *, fresh: bool = False) -> Sample:
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(mappings=MAPPINGS), encoding="utf-8")
    hub = [sys.executable, str(ROOT / "cli.py")]
    return run([[*hub, "ingest", f"{connection}/customers", str(lines), "--config", str(config)]], folder)


def _reference(work: Path, pages: Path, *more: str) -> Sample:
    database = work / "reference.db"
    return run([[sys.executable, str(PERF / "pipeline.py"), str(pages), "--db", str(database), *more]], work)


def _singer(work: Path, lines: Path, *, fresh: bool = False) -> Sample:
    if fresh:
        for old in work.glob("singer.db*"):
            old.unlink()
    tap, target = work / "tap.json", work / "target.json"
    tap.write_bytes(orjson.dumps({"path": str(lines)}))
    target.write_bytes(orjson.dumps({"path_to_db": str(work / "singer.db")}))
    peers = PERF / "peers"
    return run(
        [
            [str(SINGER), str(peers / "singer_tap.py"), "--config", str(tap)],
            [str(SINGER), str(peers / "singer_target.py"), "--config", str(target)],
        ],
        work,
    )
