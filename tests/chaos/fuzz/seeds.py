"""Real inputs to begin with: what the simulators and the recorded Vendure answer and send, the shipped files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import connectors.vendure
from hub.model.values import Doc
from hub.sdk import Connector, Cursor
from tests.connectors.hubspot.test_hubspot_suite import CASE as HUBSPOT
from tests.connectors.shopify.test_contract import CASE as SHOPIFY
from tests.connectors.square.test_square_suite import CASE as SQUARE
from tests.connectors.vendure.shop import recorded
from tests.connectors.zendesk.test_zendesk_suite import CASE as ZENDESK
from tests.contract.connectors.case import Case, World

ROOT = Path(__file__).parents[3]
CASES: Mapping[str, Case] = {"hubspot": HUBSPOT, "shopify": SHOPIFY, "square": SQUARE, "zendesk": ZENDESK}
VENDURE = {"base_url": "http://shop.test", "username": "u", "password": "p", "webhook_secret": "vendure-secret", "channel": "c"}
SETTINGS: Mapping[str, Mapping[str, str]] = {name: case.settings for name, case in CASES.items()} | {"vendure": VENDURE}
CONNECTORS: Mapping[str, Connector[Any]] = {
    **{name: case.connector for name, case in CASES.items()},
    "vendure": connectors.vendure.CONNECTOR,
}


@dataclass(slots=True)
class Seeds:
    """Per connector: webhooks as (headers, body); documents by stream."""

    webhooks: dict[str, list[tuple[dict[str, str], Any]]] = field(default_factory=dict)
    documents: dict[tuple[str, str], list[Doc]] = field(default_factory=dict)


def gather() -> Seeds:
    """Let something happen in every stream of every system, and keep what is seen of it."""
    seeds = Seeds()
    for name, case in CASES.items():
        world = World(case)
        for stream, one in case.streams.items():
            made = list(one.make(world.fake, 2))
            world.pass_time(120)
            if one.touch is not None:
                one.touch(world.fake, made[0])
            page = case.connector.streams[stream].page(world.client, Cursor(None))
            seeds.documents[name, stream] = list(page.docs)[:3]
        sent = [({k.lower(): v for k, v in each.headers.items()}, json.loads(each.body)) for each in world.fake.take_webhooks()]
        seeds.webhooks[name] = sent
    heard = [*recorded("webhooks"), *recorded("order_webhooks")]
    seeds.webhooks["vendure"] = [({k.lower(): v for k, v in one["headers"].items()}, json.loads(one["body"])) for one in heard]
    return seeds


def mapping_files() -> dict[tuple[str, str], str]:
    """Return (connector, stream) -> text of every shipped mapping file."""
    files = sorted(ROOT.glob("mappings/*/*.yaml"))
    return {(file.parent.name, file.stem): file.read_text("utf-8") for file in files}


def config_files() -> list[str]:
    """Return the texts of the installations that are in the repository."""
    return [(ROOT / name).read_text("utf-8") for name in ("config.yaml", "tests/live/config.yaml")]
