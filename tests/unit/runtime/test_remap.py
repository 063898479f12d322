"""A changed mapping reaches every record that was read through the old one, those that are gone too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.mapping import Comparison
from hub.model.link import Link, LinkKey
from hub.model.record import EntityType
from hub.model.review import Fate
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


def test_remap_plans_a_new_line_when_nothing_was_kept_of_a_record(office: Office) -> None:
    def make(unit: Unit) -> int:
        entity_id = ada(unit).entity_id
        unit.save_links([Link(99, "till", "customers", "9", EntityType.CUSTOMER, entity_id, by_hub=True)])
        return entity_id

    entity_id = office.work(make)
    key, added = ("till", "customers"), Comparison((), ("given_name",), ())
    office.work(lambda unit: remap_page(unit, office.ground, key, {key: added}, 0, office.now))
    assert [one.link_id for one in office.work(lambda unit: unit.deliveries_of([entity_id]))] == [99]


def test_remap_reads_no_record_again_that_waits_for_a_person(tmp_path: Path) -> None:
    """Seed 3000248: a shop was restored, and the id of one customer given to another, when a line was reworded."""
    office = Office(tmp_path)
    office.see(*KEY, {**ADA, "born": "march"})
    office.work(lambda unit: unit.save_connection(replace(unit.connections()["shop"], epoch=1, rewound_at=office.now)))
    assert office.see(*KEY, {**ADA, "version": 2, "given_name": "Eve", "born": "june"}) == {Fate.REVIEW: 1}
    changed = Comparison(("given_name",), (), ())
    office.work(lambda unit: remap_page(unit, office.ground, KEY, {KEY: changed}, 0, office.now))
    [link] = office.work(lambda unit: unit.links([LinkKey(*KEY, "1")])).values()
    office.store.close()
    assert link.claims["given_name"].held == "Ada"
