"""What was set aside is tried again: fetched afresh, sent again, or taken from what was kept."""

from __future__ import annotations

from pathlib import Path

import httpx
import orjson
import pytest

from hub.errors import UsageError
from hub.model.run import DeadLetter
from hub.ops.deadletters import drop, list_dead_letters, replay, show_dead_letter
from hub.ops.ingest import ingest
from hub.ops.operate import resync_at
from tests.retailer import Break, Retailer, meanwhile
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
    assert drop(desk.office, letter["id"])["how"] == "dropped"
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


def test_show_tells_what_was_sent_and_of_whom_when_a_system_refused_it(shops: Retailer) -> None:
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    shops.shop.edit_customer(ada, note="Rings twice", phone="+4912345")
    shops.poll()
    desk = Desk(shops)
    (letter,) = desk.look(list_dead_letters)
    whole = desk.look(lambda reader: show_dead_letter(reader, letter["id"]))
    assert (whole["entity"], whole["entity_id"], whole["sent"]) == ("customer", 1, {"phone": "+4912345"})


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


def test_letter_of_a_push_settles_when_another_value_was_delivered_since(shops: Retailer) -> None:
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    desk = Desk(shops)
    shops.wires["till"].breaks = [refuse("family_name")]
    shops.shop.edit_customer(ada, lastName="Holm")
    shops.poll()
    assert [letter["field"] for letter in desk.look(list_dead_letters)] == ["family_name"]
    shops.poll(2)
    assert len(desk.look(list_dead_letters)) == 1
    shops.shop.edit_customer(ada, lastName="Holmes")
    shops.poll()
    assert desk.look(list_dead_letters) == []
    assert shops.at_till()["ada@example.org"]["family_name"] == "Holmes"


def test_letter_of_a_new_record_settles_when_it_was_made_since(shops: Retailer) -> None:
    shops.settle()
    desk = Desk(shops)
    shops.wires["till"].breaks = [refuse("something_else")]
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.poll()
    assert len(desk.look(list_dead_letters)) == 1
    shops.shop.edit_customer(ada, lastName="Holm")
    shops.poll()
    assert desk.look(list_dead_letters) == []
    assert shops.at_till()["ada@example.org"]["family_name"] == "Holm"


def test_replay_sends_a_field_that_a_new_record_was_made_without(shops: Retailer) -> None:
    shops.settle()
    desk = Desk(shops)
    shops.wires["till"].breaks = [refuse("family_name")]
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.poll(2)
    assert "family_name" not in shops.at_till()["ada@example.org"]
    (letter,) = desk.look(list_dead_letters)
    replay(desk.office, letter["id"])
    shops.poll()
    assert shops.at_till()["ada@example.org"]["family_name"] == "Berg"


def test_replay_sends_a_field_when_the_record_without_it_is_just_being_made(shops: Retailer) -> None:
    shops.settle()
    desk = Desk(shops)
    again = meanwhile(lambda: [replay(desk.office, letter["id"]) for letter in desk.look(list_dead_letters)])
    shops.wires["till"].breaks = [refuse("family_name"), again]
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.poll(3)
    assert shops.at_till()["ada@example.org"]["family_name"] == "Berg"


def test_letter_of_a_record_settles_when_it_was_understood_since(shops: Retailer, tmp_path: Path) -> None:
    shops.settle()
    desk = Desk(shops)
    doc = {"id": "gid://shopify/Customer/77", "firstName": "Ada", "updatedAt": "2026-01-01T00:00:00Z"}
    letter = DeadLetter(500, "bad_payload", "unknown state", "shop", "customers", "gid://shopify/Customer/77", b"{}", 0)
    other = DeadLetter(501, "bad_payload", "unknown state", "shop", "customers", "gid://shopify/Customer/78", b"{}", 0)
    desk.office.write(lambda unit: unit.save_dead_letters([letter, other]))
    file = tmp_path / "lines.jsonl"
    file.write_bytes(orjson.dumps(doc))
    ended = ingest(shops.hub.store, desk.office.ground, "shop", "customers", file)
    assert list(ended) == ["applied"]
    assert [one["id"] for one in desk.look(list_dead_letters)] == [501]


def refuse(field: str) -> Break:
    """Answer as the till does where one field is not valid."""
    error = {"category": "INVALID_REQUEST_ERROR", "code": "INVALID_VALUE", "field": field, "detail": "no"}
    return lambda wire, name, request: httpx.Response(400, json={"errors": [error]})
