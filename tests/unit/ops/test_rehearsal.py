"""A new mapping is tried on what was kept: it says what a hub would do with it, and does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from hub.errors import MappingError
from hub.model.values import Doc
from hub.ops.installation import Installation
from hub.ops.rehearsal import as_doc, outline, rehearse
from tests.retailer import INSTALLED, ROOT, Retailer
from tests.unit.ops.desk import Desk

ADA = "ada@example.org"
SHIPPED = (ROOT / "mappings/square/customers.yaml").read_text("utf-8")
MOVED = SHIPPED.replace("note:        note", "note:        nickname").replace("  - nickname\n", "  - note\n")


@pytest.fixture
def customer(shops: Retailer) -> str:
    """Return the till's id of a customer of both systems, who goes by a short name there."""
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email=ADA, note="tea")
    shops.settle()
    (till_id,) = shops.till.customer_ids()
    shops.till.edit_customer(till_id, nickname="Addy")
    shops.poll()
    return till_id


def diff(shops: Retailer, file: Path, text: str, since: int | None = None, *, limit: int = 100, values: bool = True) -> Doc:
    """Try a mapping that was written to a file of the till's customers."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    installation = Installation(Path("config.yaml"), shops._config, INSTALLED)
    with shops.hub.store.reader() as reader, reader.snapshot():
        done = rehearse(installation, reader, file, since, limit=limit, now=shops.clock.now())
    return as_doc(done, file, values=values)


def said(items: Iterable[Doc]) -> list[tuple[str, str, str]]:
    return [(item["connection"], line["field"], line["shown"]) for item in items for line in item["lines"]]


def test_diff_foretells_what_waits_for_a_yes_when_the_mapping_comes_into_use(
    shops: Retailer, customer: str, tmp_path: Path
) -> None:
    told = diff(shops, tmp_path / "new/square/customers.yaml", MOVED)
    assert told["lines"] == [{"connection": "till", "stream": "customers", "changed": ["note"], "added": [], "removed": []}]
    (row,) = told["fields"]
    assert (row["field"], row["changed"], row["comes"], row["goes"]) == ("note", 1, 0, 0)
    assert [one["shown"] for one in row["examples"]] == ["tea -> Addy"]
    assert said(told["sent"]) == [("till", "note", "Addy -> tea")]
    assert (Desk(shops).plan(), shops.writes()["till"][1:]) == ([], [])
    shops.restart(tmp_path / "new")
    asked = Desk(shops).plan()
    assert [(one.connection, line["field"], line["shown"]) for one in asked for line in one.lines] == said(told["sent"])
    assert [one.state for one in asked] == ["waiting for your yes: mapping changed"]


def test_diff_outlines_values_of_people_when_they_are_not_asked_for(shops: Retailer, customer: str, tmp_path: Path) -> None:
    told = diff(shops, tmp_path / "new.yaml", MOVED, values=False)
    assert said(told["sent"]) == [("till", "note", "(4 characters) -> (3 characters)")]
    assert "Addy" not in str(told)
    assert "tea" not in str(told)
    assert "Ada" not in str(told)


def test_diff_tells_lines_that_come_and_go_when_the_table_has_others(shops: Retailer, customer: str, tmp_path: Path) -> None:
    text = SHIPPED.replace("  note:        note\n", "  custom.nick: nickname\n").replace("  - nickname\n", "  - note\n")
    told = diff(shops, tmp_path / "new.yaml", text)
    assert {row["field"]: [row[how] for how in ("changed", "comes", "goes")] for row in told["fields"]} == {
        "custom.nick": [0, 1, 0],
        "note": [0, 0, 1],
    }
    assert said(told["not_sent"]) == said(told["sent"]) == []


def test_diff_counts_what_would_be_set_aside_when_a_value_is_rejected(shops: Retailer, customer: str, tmp_path: Path) -> None:
    text = SHIPPED.replace("note:        note", "note: {path: note, values: {a: coffee}, otherwise: reject}")
    told = diff(shops, tmp_path / "new.yaml", text)
    assert (told["kept"], told["differ"], told["fates"]) == (1, 1, {"refused": 1})


def test_diff_looks_at_nothing_when_no_record_moved_since(shops: Retailer, customer: str, tmp_path: Path) -> None:
    told = diff(shops, tmp_path / "new.yaml", MOVED, since=shops.clock.now())
    assert (told["records"], told["fields"], told["sent"]) == (0, [], [])
    assert told["lines"]


def test_diff_says_that_there_is_more_when_the_limit_is_reached(shops: Retailer, customer: str, tmp_path: Path) -> None:
    shops.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
    shops.poll()
    told = diff(shops, tmp_path / "new.yaml", MOVED, limit=1)
    assert (told["records"], told["cut"]) == (1, True)


def test_diff_finds_nothing_when_the_file_says_the_same(shops: Retailer, customer: str, tmp_path: Path) -> None:
    told = diff(shops, tmp_path / "new.yaml", SHIPPED.replace("# Left is our field", "# ours"))
    assert (told["lines"], told["differ"], told["fields"], told["sent"]) == ([], 0, [], [])


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("entity: customer", "entity: costumer", ":5:9"),
        ("stream: customers", "stream: customer", ":4:9"),
        ("connector: square", "connector: squire", ":3:12"),
    ],
)
def test_diff_is_refused_with_line_and_column_when_the_file_is_wrong(
    shops: Retailer, tmp_path: Path, old: str, new: str, place: str
) -> None:
    with pytest.raises(MappingError) as refused:
        diff(shops, tmp_path / "new.yaml", SHIPPED.replace(old, new))
    assert str(refused.value.place).endswith("new.yaml" + place)
    assert "id you mean" in refused.value.fix


@pytest.mark.parametrize(
    ("value", "shown"), [("abc", "(3 characters)"), (None, "(empty)"), ([1], "(1 elements)"), (3, "(a value)")]
)
def test_value_is_outlined_when_it_is_not_to_be_seen(value: object, shown: str) -> None:
    assert outline(value) == shown
