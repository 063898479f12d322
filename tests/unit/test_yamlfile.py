"""YAML as people write it: places, nearest spellings, no surprises."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from hub.errors import ConfigError, Place
from hub.yamlfile import Strict, open_yaml, read_yaml, typed


class Inner(Strict):
    enabled: bool = False
    amount: int = Field(default=1, gt=0)


class Outer(Strict):
    name: str
    parts: dict[str, Inner] = Field(default_factory=dict)
    rows: tuple[Inner, ...] = ()


def _fails(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        typed(Outer, read_yaml(text, "f.yaml"))
    return caught.value


def test_typed_returns_model_with_places_when_all_is_right() -> None:
    source = read_yaml("name: NO\nparts:\n  a: {enabled: true}\nrows:\n  - amount: 3\n", "f.yaml")
    model = typed(Outer, source)
    assert (model.name, model.parts["a"].enabled, model.rows[0].amount) == ("NO", True, 3)
    assert str(source.place(("rows", 0, "amount"))) == "f.yaml:5:5"
    assert str(source.place(("parts", "a", "nothing", "there"))) == "f.yaml:3:3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f.yaml:1:1: The file is empty."),
        ("name: [", "f.yaml:1:8: This is not YAML"),
        ("name: x\n\tparts: 1", "f.yaml:2:1: This is not YAML"),
        ("name: a\nname: b", "f.yaml:2:1: `name` stands here twice (first in line 1)."),
        ("name: x\nnmae: y", "f.yaml:2:1: `nmae` is not known here. Did you mean `name`?"),
        ("name: x\nparts:\n  a:\n    enabeld: true", "f.yaml:4:5: `enabeld` is not known here. Did you mean `enabled`?"),
        ("name: x\nrows:\n  - {amuont: 1}", "f.yaml:3:6: `amuont` is not known here. Did you mean `amount`?"),
        ("name: x\nparts:\n  a: {enabled: yes}", "f.yaml:3:7: `enabled` must be true or false."),
        ("name: x\nparts:\n  a: {enabled: True}", "f.yaml:3:16: A flag is `true` or `false`. Write `true`."),
        ("parts: {}", "f.yaml:1:1: `name` is missing."),
        ("name: 5", "f.yaml:1:1: `name`: input should be a valid string."),
        ("name: 007", "f.yaml:1:7: This can be read as more than one number."),
        ("name: 1_000", "f.yaml:1:7: This can be read as more than one number."),
        ("name: x\nparts: {a: {amount: 0}}", "f.yaml:2:13: `amount`: input should be greater than 0."),
        ("name: &a x\nparts: {}", "f.yaml:1:7: Anchors, aliases and tags are not allowed here."),
        ("name: !!python/name:os.system x", "f.yaml:1:7: Anchors, aliases and tags are not allowed here."),
        ("? [a]\n: b", "f.yaml:1:3: A key must be one word."),
        ("- a", "f.yaml:1:1: "),
    ],
)
def test_typed_names_line_and_fix_when_something_is_wrong(text: str, said: str) -> None:
    assert str(_fails(text)).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [("name: x\n\tparts: 1", "Indent with blanks, never with a tab."), ('name: "x\nparts: {}\n', "that is not closed")],
)
def test_typed_says_what_to_look_for_when_it_is_no_yaml(text: str, said: str) -> None:
    assert said in str(_fails(text))


def test_typed_shows_no_value_when_it_refuses_one() -> None:
    assert "hunter2" not in str(_fails("name: x\nparts: {a: {amount: hunter2}}"))


def test_typed_counts_further_errors_and_names_the_first() -> None:
    error = _fails("name: x\nparts: {a: {amount: 0}}\nodd: 1\neven: 2")
    assert str(error.place) == "f.yaml:2:13"
    assert "(2 more after this one.)" in str(error)


def test_open_names_the_file_when_it_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    for name in ("missing.yaml", "latin.yaml"):
        with pytest.raises(ConfigError, match=f"{name} cannot be read"):
            open_yaml(tmp_path / name, shown=name)


def test_read_joins_lines_with_a_blank_when_a_text_is_folded() -> None:
    assert read_yaml("a: >-\n  one\n  two\n\n  three\nb: |\n  one\n", "f.yaml").data == {"a": "one two\nthree", "b": "one\n"}


@pytest.mark.parametrize(
    ("message", "said"),
    [("no converter", "f.yaml:1:2: no converter; did you mean x?"), ("Nothing.", "f.yaml:1:2: Nothing. did you mean x?")],
)
def test_error_keeps_message_and_fix_apart_when_it_is_said_in_one_line(message: str, said: str) -> None:
    assert str(ConfigError(message, place=Place("f.yaml", 1, 2), fix="did you mean x?")) == said
