"""Manifests, the registry that finds them, and the README made of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import ConfigError
from hub.model.record import EntityType
from hub.sdk.base import Operation, Safe
from hub.sdk.manifest import Manifest, load_manifest
from hub.sdk.readme import END, START, refresh, render_readme
from hub.sdk.registry import load_connectors

EXAMPLE = Path(__file__).parents[2] / "contract" / "connectors" / "example" / "manifest.yaml"
MINIMAL = """
name: tiny
title: Tiny
category: pos
api_version: "1"
streams:
  things: {entity: product, version: none, parts: [variant]}
limits: {per_s: 1, burst: 1}
"""
CODE = """
from hub.sdk import Connector
class Tiny(Connector):
    name = "tiny"
CONNECTOR = Tiny()
"""


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "manifest.yaml"
    path.write_text(text, "utf-8")
    return path


def _load(tmp_path: Path, text: str) -> Manifest:
    return load_manifest(_write(tmp_path / "tiny", text), shown="m.yaml")


def test_load_returns_facts_when_manifest_is_right() -> None:
    manifest = load_manifest(EXAMPLE)
    assert manifest.secrets() == {"token", "webhook_secret"}
    assert manifest.sinks["people"].operations() == {
        Operation.CREATE: Safe.IDEMPOTENCY_KEY,
        Operation.UPDATE: Safe.VERSION,
        Operation.DELETE: Safe.PLAIN,
    }


def test_load_counts_parts_as_entities(tmp_path: Path) -> None:
    assert _load(tmp_path, MINIMAL).entities() == {EntityType.PRODUCT, EntityType.VARIANT}


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("sinks: {things: {update: safely}}", "m.yaml:9:18: `update` must be"),
        ("sinks: {things: {}}", "m.yaml:9:9: A sink needs at least one of"),
        ("sinks: {others: {update: plain}}", "Sinks without a stream of the same name: others."),
        ("settings: {token: {secret: true, default: x}}", "m.yaml:9:12: A required or secret setting has no default."),
        ("quality: [{rule: a, state: todo}]", "m.yaml:9:11: A rule that is `todo` says `why`."),
        ("webhook: {header: x, topics: []}", "m.yaml:9:22: `topics`"),
        ("strems: {}", "m.yaml:9:1: `strems` is not known here. Did you mean `streams`?"),
    ],
)
def test_load_names_line_when_manifest_is_wrong(tmp_path: Path, extra: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, MINIMAL + extra)
    assert said in str(caught.value)


def test_load_refuses_name_when_it_is_not_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`name` must be the name of its folder, `tiny`"):
        _load(tmp_path, MINIMAL.replace("name: tiny", "name: other"))


# registry


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """An importable package `sites` that is forgotten afterwards."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "__init__.py").touch()
    sys.path.insert(0, str(tmp_path))
    yield tmp_path / "sites"
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "sites"]:
        del sys.modules[name]


def test_load_connectors_finds_code_facts_and_fake() -> None:
    installed = load_connectors(("tests.contract.connectors",))["example"]
    assert (installed.connector.name, installed.manifest.title, installed.fake and installed.fake.__name__) == (
        "example",
        "Example",
        "ExampleFake",
    )


def test_load_connectors_needs_no_fake(package: Path) -> None:
    _write(package / "tiny", MINIMAL)
    (package / "tiny" / "__init__.py").write_text(CODE)
    (package / "no_connector").mkdir()
    assert [(name, one.fake) for name, one in load_connectors(("sites",)).items()] == [("tiny", None)]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "sites/tiny/__init__.py:1:1: `CONNECTOR` must be an instance of Connector."),
        ("CONNECTOR = 5", "sites/tiny/__init__.py:1:1: `CONNECTOR` must be an instance of Connector."),
        (CODE + "FAKE = 5", "sites/tiny/__init__.py:1:1: `FAKE` must be a class derived from Fake."),
        ("\n\n1 / 0", "sites/tiny/__init__.py:3:1: The connector cannot be loaded: ZeroDivisionError"),
        ("a = 1\ndef f(:", "sites/tiny/__init__.py:2:7: The connector cannot be loaded: SyntaxError"),
        ("\nimport no_such_module", "sites/tiny/__init__.py:2:1: The connector cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_load_connectors_names_file_and_line_when_code_is_wrong(package: Path, code: str, said: str) -> None:
    _write(package / "tiny", MINIMAL)
    (package / "tiny" / "__init__.py").write_text(code)
    with pytest.raises(ConfigError) as caught:
        load_connectors(("sites",))
    assert str(caught.value).startswith(said)


def test_load_connectors_refuses_when_two_have_one_name() -> None:
    with pytest.raises(ConfigError, match="two connectors called `example`"):
        load_connectors(("tests.contract.connectors", "tests.contract.connectors"))


def test_load_connectors_names_the_package_when_there_is_none() -> None:
    with pytest.raises(ConfigError, match="no package of connectors called `nowhere`"):
        load_connectors(("nowhere",))


# README


def test_render_shows_every_fact() -> None:
    text = render_readme(load_manifest(EXAMPLE))
    for shown in (
        "| `people` | customer | counter | yes | create (idempotency_key), update (version), delete (plain) |",
        "| `token` | yes | yes | - | sent as bearer token |",
        "| reads orders | to do | it has none |",
        "Starts with 10 per second, up to 20 at once.",
        "Signature in `x-example-signature`. Topics: `person.changed`.",
        "- [The suite](../contract.py)",
    ):
        assert shown in text


def test_refresh_replaces_the_generated_part_and_keeps_the_rest() -> None:
    manifest = load_manifest(EXAMPLE)
    once = refresh("By hand.\n", manifest)
    assert once.endswith("\nBy hand.\n")
    assert refresh(once, manifest) == once
    old = f"Before\n{START}\nstale\n{END}\nAfter\n"
    new = refresh(old, manifest)
    assert new == "Before\n" + render_readme(manifest) + "After\n"


def test_readme_names_a_quota_when_some_requests_have_one(tmp_path: Path) -> None:
    limits = "limits: {per_s: 1, burst: 1, quotas: {exports: {per_s: 0.5, burst: 10, note: Per account.}}}"
    manifest = _load(tmp_path, MINIMAL.replace("limits: {per_s: 1, burst: 1}", limits))
    assert "Of these, `exports`: 0.5 per second, up to 10 at once. Per account." in render_readme(manifest)
