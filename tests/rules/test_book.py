"""The book of rules is complete, its page is fresh, and a slice of its rules is broken in every build."""

from __future__ import annotations

import hashlib
import random

import pytest

from tests.rules.book import BOOK, ROOT, Mark, Rule, cited_in, in_order, place_of, read_book
from tests.rules.mutate import try_as_is, try_rules
from tests.rules.write import PAGE, page

RULES = read_book().rules
MARKS = [pytest.param(rule, mark, id=f"{rule.number}-{mark.file}-{i}") for rule in RULES for i, mark in enumerate(rule.marks)]
SLICE = 3


def chosen() -> list[Rule]:
    """Return three rules that change with the book, and with nothing else."""
    return random.Random(hashlib.sha256(BOOK.read_bytes()).digest()).sample(RULES, SLICE)


def test_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read_book()), "call: python -m tests.rules.write"


def test_rules_stand_in_order_and_once() -> None:
    numbers = [rule.number for rule in RULES]
    assert numbers == sorted(set(numbers), key=in_order)


def test_every_rule_cited_is_in_the_book_and_marked_where_it_says() -> None:
    sources = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in (ROOT / "hub").rglob("*.py")}
    cited = {(number, file) for file, text in sources.items() for number in cited_in(text)}
    assert cited == {(rule.number, mark.file) for rule in RULES for mark in rule.marks}


@pytest.mark.parametrize(("rule", "mark"), MARKS)
def test_mark_stands_once_beside_its_number(rule: Rule, mark: Mark) -> None:
    assert mark.path().read_text(encoding="utf-8").count(mark.old) == 1
    assert rule.number in cited_in(place_of(mark))


def test_rule_without_a_mark_is_none() -> None:
    assert [rule.number for rule in RULES if not rule.marks] == []


def test_case_goes_red_when_its_rule_is_broken() -> None:
    rules = chosen()
    assert try_as_is(rules) == ""
    assert [(verdict.rule, verdict.place) for verdict in try_rules(rules) if verdict.ends != "red"] == []
