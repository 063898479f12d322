"""A changed mapping reaches every record that was read through the old one, those that are gone too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.mapping import Comparison
from hub.model.link import Link, LinkKey
from hub.runtime.remap import remap_page
from hub.store import Unit
from tests.unit.documents.office import Office
from tests.unit.documents.test_filing import ADA

KEY = ("shop", "customers")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a hub that has read Ada, whose id in the shop is somebody else's by now."""
    made = Office(tmp_path)
    made.see(*KEY, ADA)
    made.work(rename)
    yield made
    made.store.close()


def rename(unit: Unit) -> None:
    """Give Ada's id away, as a shop does that was restored."""
    [link] = unit.links([LinkKey(*KEY, "1")]).values()
    link.external_id = f"1#{link.id}"
    unit.save_links([link])


def ada(unit: Unit) -> Link:
    return next(link for link in unit.links_of_stream(*KEY) if link.external_id.startswith("1#"))


def test_remap_retires_a_removed_line_when_the_record_lost_its_id_to_another(office: Office) -> None:
    removed = Comparison((), (), ("given_name",))
    office.work(lambda unit: remap_page(unit, office.ground, KEY, {KEY: removed}, 0, office.now))
    assert sorted(office.work(ada).claims) == ["email"]
