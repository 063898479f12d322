"""The page that says what syncs and how safely is that of the connectors and mappings that are here."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.model.record import EntityType
from hub.ops.installation import SHIPPED_MAPPINGS
from hub.ops.overview import BARE, NOUNS, PAGE, WORDS, render_overview
from hub.sdk import Operation, Safe
from hub.sdk.registry import load_connectors

MAPPED = sorted(path.relative_to(SHIPPED_MAPPINGS).as_posix() for path in SHIPPED_MAPPINGS.glob("*/*.yaml"))


def test_page_is_current_when_connectors_or_mappings_changed() -> None:
    assert PAGE.read_text("utf-8") == render_overview(load_connectors()), "run python -m hub.ops.overview"


def test_page_leaves_a_field_out_when_its_mapping_does(tmp_path: Path) -> None:
    shopify = {"shopify": load_connectors()["shopify"]}
    (tmp_path / "shopify").mkdir()
    lines = (SHIPPED_MAPPINGS / "shopify" / "customers.yaml").read_text("utf-8").splitlines(keepends=True)
    fewer = "".join(line for line in lines if not line.startswith("  note:"))
    (tmp_path / "shopify" / "customers.yaml").write_text(fewer, "utf-8")
    before, after = render_overview(shopify), render_overview(shopify, [SHIPPED_MAPPINGS, tmp_path])
    assert "locale, note, consent" in before
    assert "locale, consent" in after


def test_words_exist_for_everything_a_connector_can_declare() -> None:
    assert set(NOUNS) == set(EntityType)
    assert set(WORDS) | {Safe.PLAIN} == set(Safe)
    assert set(BARE) == set(Operation)


@pytest.mark.parametrize("file", MAPPED)
def test_section_names_every_mapping_file(file: str) -> None:
    connector, _, stream = file.partition("/")
    title = load_connectors()[connector].manifest.title
    section = PAGE.read_text("utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    assert f"`{stream.removesuffix('.yaml')}`" in section
