"""What was set aside is tried again: fetched afresh, sent again, or taken from what was kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import UsageError
from hub.ops.deadletters import discard, list_dead_letters, replay
from hub.ops.ingest import ingest
from hub.ops.operate import resync_at
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk


def test_replay_is_refused_when_what_was_kept_is_no_record(shops: Retailer, tmp_path: Path) -> None:
    shops.settle()
    desk = Desk(shops)
    file = tmp_path / "lines.jsonl"
    file.write_text('{"broken": \n')
    ingest(shops.hub.store, desk.office.ground, "shop", "customers", file)
    (letter,) = desk.look(list_dead_letters)
    assert (letter["code"], letter["connection"], letter["what_to_do"] != "") == ("bad_payload", "shop", True)
    with pytest.raises(UsageError, match="not a record"):
        replay(desk.office, letter["id"])
    assert discard(desk.office, letter["id"])["how"] == "discarded"
    assert desk.look(list_dead_letters) == []


def test_replay_takes_the_kept_payload_when_a_record_had_no_id(shops: Retailer, tmp_path: Path) -> None:
    shops.settle()
    desk = Desk(shops)
    file = tmp_path / "lines.jsonl"
    file.write_text('{"firstName": "Ada"}\n')
    ingest(shops.hub.store, desk.office.ground, "shop", "customers", file)
    (letter,) = desk.look(list_dead_letters)
    assert letter["external_id"] is None
    done = replay(desk.office, letter["id"])
    assert (done["how"], done["ended"]) == ("read from the kept payload", "dead_letter")
    assert [one["id"] != letter["id"] for one in desk.look(list_dead_letters)] == [True]


def test_replay_is_refused_when_there_is_no_such_letter(shops: Retailer) -> None:
    shops.settle()
    with pytest.raises(UsageError, match="no open dead letter 7"):
        replay(Desk(shops).office, 7)


def test_resync_reads_a_record_again_when_it_is_named(shops: Retailer) -> None:
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    desk = Desk(shops)
    reads = shops.wires["shop"].reads
    resync_at(desk.office, "shop", "customers", ada)
    shops.settle()
    assert shops.wires["shop"].reads > reads
    assert desk.look(lambda reader: reader.counts()["hints"]) == 0


@pytest.mark.parametrize(("words", "fix"), [(("shp", None), "shop"), (("shop", "customer"), "customers")])
def test_resync_is_refused_with_the_nearest_name_when_it_is_misspelt(
    shops: Retailer, words: tuple[str, str | None], fix: str
) -> None:
    with pytest.raises(UsageError, match=f"Did you mean `{fix}`"):
        resync_at(Desk(shops).office, *words)
