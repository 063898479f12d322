"""The YAML that a page shows is taken by the hub: parts of config.yaml, and whole mapping files."""

from __future__ import annotations

import re
import textwrap
from typing import Final

import pytest

from hub.config import parse_config
from hub.config.shape import Config
from hub.mapping import check
from hub.sdk.registry import load_connectors
from tests.docs.test_commands import PAGES, ROOT

_YAML: Final = re.compile(r"^ *```yaml[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_HEAD: Final = re.compile(r"^(\w+):", re.MULTILINE)
KEYS: Final = {info.alias or name for name, info in Config.model_fields.items()}
AROUND: Final = {
    "retailer": "retailer: R\n",
    "connections": """\
connections:
  shop: {connector: shopify, settings: {base_url: "https://shop.test", access_token: "${SECRET}"}}
  till: {connector: square, settings: {access_token: "${SECRET}"}}
""",
}
"""What stands around a part of config.yaml that leaves it out."""
BLOCKS: Final = {
    f"{page.relative_to(ROOT).as_posix()}:{number}": textwrap.dedent(text)
    for page in PAGES
    for number, text in enumerate(_YAML.findall(page.read_text("utf-8")), 1)
}
ENVIRON: Final = {
    "SECRET": "t0p",
    **{
        name: f"https://{name}.example.com".lower().replace("_", "-")
        for text in BLOCKS.values()
        for name in re.findall(r"\$\{(\w+)", text)
    },
}
MAPPINGS: Final = {name: text for name, text in BLOCKS.items() if "mapping: 1" in text and "fields:" in text}
CONFIGS: Final = {
    name: text
    for name, text in BLOCKS.items()
    if set(_HEAD.findall(text)) <= KEYS and ("connections:" not in text or "settings:" in text) and text[:1] != " "
}


def test_pages_show_parts_of_every_kind() -> None:
    assert len(CONFIGS) > 8
    assert len(MAPPINGS) > 1


@pytest.mark.parametrize("name", CONFIGS)
def test_part_of_config_is_taken_when_a_page_shows_it(name: str) -> None:
    text = CONFIGS[name]
    around = "".join(lines for key, lines in AROUND.items() if f"{key}:" not in text)
    parse_config(around + text, environ=ENVIRON, connectors={k: c.manifest.facts() for k, c in load_connectors().items()})


@pytest.mark.parametrize("name", MAPPINGS)
def test_mapping_is_taken_when_a_page_shows_it_whole(name: str) -> None:
    assert check(MAPPINGS[name], name) == []
