"""What the stories of a few records begin with: a shop and a till that know Ada, and what is sent between them."""

from collections.abc import Iterator
from typing import Final

from hub.model.delivery import Attempt
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Doc
from tests.unit.reconcile.stage import Stage

MAIL: Final = "ada@example.org"
OTHER: Final = "bob@example.org"
HOME: Final = {"line1": "Rue 1", "city": "Lyon", "postal_code": "69001", "country_code": "FR"}
WORK: Final = {"line1": "Quai 2", "city": "Lyon", "postal_code": "69002", "country_code": "FR"}
LAGGING: Final = Traits(Ordering.CHANGED_AT, 10 * SECOND, create="marker", update="plain", delete="plain")
Story = Iterator[tuple[Stage, str]]


def two(**more: Traits) -> Stage:
    """Set up a shop and a till that both know Ada."""
    stage = Stage("shop", "till", traits=more)
    stage.shows("shop", email=MAIL, given_name="Ada", family_name="Byron", note="one", version=1)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", family_name="Byron", note="one", version=1)
    return stage


def written(stage: Stage, version: int = 2, **said: object) -> Attempt:
    """Let the shop change something, plan, and send it to the till."""
    stage.shows("shop", email=MAIL, given_name="Ada", family_name="Byron", version=version, **said)
    stage.planned()
    return stage.writes("till")


def raw(remote_id: str, address: dict[str, str]) -> Doc:
    """Return a record with one address as it is fetched."""
    there = {
        "id": remote_id,
        **{part: address[part] for part in ("line1", "city", "postal_code")},
        "country": address["country_code"],
    }
    return {"id": "1", "email": MAIL, "addresses": [there], "tags": ["vip"]}
