"""A webhook that was answered is on the disk until the store has it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.sdk import Hint
from hub.web.messages import Kept
from hub.web.spool import Spool
from tests.e2e.process import until

CLOCK = SystemClock()
ONE, TWO = [Hint("customers", "1", "e1"), Hint("orders", "2")], [Hint("customers", "3", "e3")]
Open = Callable[[], Spool]


class Listener(list[Kept]):
    """Hears what is handed on."""

    def hear(self, rows: Sequence[Kept]) -> None:
        self += rows


@pytest.fixture
def heard() -> Listener:
    return Listener()


@pytest.fixture
def open_spool(tmp_path: Path, heard: Listener) -> Iterator[Open]:
    """Open the one spool; what was opened is stopped at the end."""
    opened: list[Spool] = []

    def start() -> Spool:
        opened.append(Spool(tmp_path / "hub.db.spool", "NORMAL", CLOCK, heard.hear))
        opened[-1].start()
        return opened[-1]

    yield start
    for one in opened:
        one.stop(10)


def on_disk(path: Path) -> int:
    with closing(sqlite3.connect(path)) as look:
        return int(look.execute("SELECT count(*) FROM spool").fetchone()[0])


def test_put_is_on_the_disk_and_handed_on_when_its_promise_is_kept(tmp_path: Path, open_spool: Open, heard: Listener) -> None:
    spool = open_spool()
    spool.put("shop", ONE, forwarded=True).result()
    spool.put("till", TWO, forwarded=False).result()
    spool.stop(10)
    assert on_disk(tmp_path / "hub.db.spool") == 2
    assert heard == [Kept(1, "shop", ONE, forwarded=True), Kept(2, "till", TWO, forwarded=False)]
    assert stat.S_IMODE((tmp_path / "hub.db.spool").stat().st_mode) == 0o600


def test_spool_hands_on_again_when_the_store_did_not_say_it_has_them(open_spool: Open, heard: Listener) -> None:
    first = open_spool()
    for hints in (ONE, TWO):
        first.put("shop", hints, forwarded=False).result()
    until(lambda: len(heard) == 2)
    first.forget([1])
    first.stop(10)
    heard.clear()
    second = open_spool()
    assert heard == [Kept(2, "shop", TWO, forwarded=False)]
    assert second.waiting == 1
    second.put("shop", ONE, forwarded=False).result()
    until(lambda: len(heard) == 2)
    assert heard[1].row == 3  # never that of one which waits


def test_spool_is_empty_when_the_store_has_everything(tmp_path: Path, open_spool: Open, heard: Listener) -> None:
    spool = open_spool()
    spool.put("shop", ONE, forwarded=False).result()
    until(lambda: heard)
    spool.forget([1])
    spool.stop(10)
    assert on_disk(tmp_path / "hub.db.spool") == 0
    assert spool.waiting == 0


def test_promise_is_broken_and_nothing_handed_on_when_the_disk_refuses(tmp_path: Path, open_spool: Open, heard: Listener) -> None:
    spool = open_spool()
    spool._db.execute("PRAGMA max_page_count=1")  # as a disk without room
    big = [Hint("customers", "9" * 100_000, "e9")]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        spool.put("shop", big, forwarded=False).result()
    assert spool.waiting == 0
    spool._db.execute("PRAGMA max_page_count=100000")  # somebody made room
    spool.put("shop", ONE, forwarded=False).result()
    until(lambda: heard)
    assert [one.hints for one in heard] == [ONE]


def test_spool_begins_anew_and_keeps_the_old_file_when_it_cannot_be_read(
    tmp_path: Path, open_spool: Open, heard: Listener
) -> None:
    (tmp_path / "hub.db.spool").write_bytes(b"this was a spool" * 100)
    open_spool().put("shop", ONE, forwarded=False).result()
    until(lambda: heard)
    assert (tmp_path / "hub.db.spool.broken").read_bytes().startswith(b"this was")


def test_second_process_is_kept_out_while_one_has_the_spool(tmp_path: Path, open_spool: Open) -> None:
    open_spool()
    with (
        closing(sqlite3.connect(tmp_path / "hub.db.spool", timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("SELECT * FROM spool")
