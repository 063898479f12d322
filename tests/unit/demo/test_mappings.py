"""The demo's own tables are the shipped ones with the lines for one's own fields put in use, as an admin does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.world import CONTEXT_FIELD, ORDER_FIELD, USER_FIELDS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["tickets", "users"])
def test_table_of_the_demo_is_the_shipped_one_when_its_commented_lines_are_used(name: str) -> None:
    shipped = (ROOT / "mappings" / "zendesk" / f"{name}.yaml").read_text("utf-8").splitlines()
    used = [line.replace("#   ", "  ", 1) for line in shipped if "custom.shoe_size" not in line]
    assert (ROOT / "demo" / "mappings" / "zendesk" / f"{name}.yaml").read_text("utf-8").splitlines() == used


def test_fields_of_the_demo_are_those_that_its_tables_name() -> None:
    tickets = (ROOT / "demo" / "mappings" / "zendesk" / "tickets.yaml").read_text("utf-8")
    users = (ROOT / "demo" / "mappings" / "zendesk" / "users.yaml").read_text("utf-8")
    assert [f"id={field}]" in tickets for field in (CONTEXT_FIELD, ORDER_FIELD)] == [True, True]
    assert [f"user_fields.{field}" in users for field in USER_FIELDS] == [True] * len(USER_FIELDS)
