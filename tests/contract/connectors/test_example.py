"""The suite passes a correct connector and catches wrong ones."""

from __future__ import annotations

from pathlib import Path

from hub.model.values import Doc
from tests.contract.connectors.case import Case, StreamCase
from tests.contract.connectors.contract import ConnectorContract
from tests.contract.connectors.example import CONNECTOR, FAKE
from tests.contract.connectors.example.fake import ExampleFake


def _edit(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    return doc | {"city": {"name": "Lyon"}}, ("city.name",)


def _make(fake: ExampleFake, count: int) -> list[str]:
    return [fake.add(f"Person {index}", "Paris") for index in range(count)]


CASE = Case(
    connector=CONNECTOR,
    fake=lambda now, url: FAKE(now, webhook_url=url),
    settings={"base_url": "http://fake.test", "token": "example-token", "webhook_secret": "example-secret"},
    streams={
        "people": StreamCase(
            make=_make,
            identity=lambda doc: doc["id"],
            touch=lambda fake, external_id: fake.change(external_id, {"name": "Touched"}),
            version=lambda doc: doc["version"],
            new={"name": "New Person", "city": {"name": "Nice"}},
            edit=_edit,
            volatile=frozenset({"version", "changed"}),
        )
    },
    folder=Path(__file__).parent / "example",
    signature_header="x-example-signature",
    secrets=("example-token", "example-secret"),
)


class TestExample(ConnectorContract):
    """A correct connector."""

    case = CASE
