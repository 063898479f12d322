from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import MappingError
from hub.mapping import check, load, load_converters
from tests.unit.mapping.examples import CATALOG, SHOP, TILL

HEAD = "mapping: 1\nconnector: shop\nstream: customers\nentity: customer\nidentity: id\n"
PARTS = HEAD.replace("customer", "product") + "fields: {title: title}\nparts:\n"

CASES = {
    "duplicate key": (
        HEAD + "identity: uid\nfields: {}\n",
        6,
        1,
        "`identity` stands here twice (first in line 5)",
        "keep one of them",
    ),
    "duplicate line key": (HEAD + "fields:\n  note: {path: a, path: b}\n", 7, 19, "`path` stands here twice", "keep one of them"),
    "unknown key": (HEAD + "feilds: {}\nfields: {}\n", 6, 1, "a mapping file has no key `feilds`", "did you mean `fields`?"),
    "unknown line key": (HEAD + "fields:\n  note: {path: a, onyl: read}\n", 7, 19, "has no key `onyl`", "did you mean `only`?"),
    "unknown field": (HEAD + "fields:\n  givn_name: a\n", 7, 3, "there is no field `givn_name`", "did you mean `given_name`?"),
    "unknown far field": (HEAD + "fields:\n  zzz: a\n", 7, 3, "there is no field `zzz`", "known fields: `given_name`"),
    "field twice": (HEAD + "fields:\n  note: a\n  note: b\n", 8, 3, "`note` has two lines", "keep one of them"),
    "field twice in a pair": (
        HEAD + "fields:\n  given_name: a\n  [given_name, family_name]: {path: n, as: full_name, lossy: true}\n",
        8,
        4,
        "`given_name` has two lines",
        "keep one of them",
    ),
    "yielding field of theirs": (
        HEAD + "fields:\n  note: {path: a, yields: true}\n",
        7,
        19,
        "`yields` is for what the hub works out, not for `note`",
        "take it out, or show a field of the hub's own: `summary.context`",
    ),
    "spoken boolean": (
        HEAD + "fields:\n  note: {path: a, silent: yes}\n",
        7,
        27,
        "`silent` must be true or false",
        "write `true`",
    ),
    "switched boolean": (
        HEAD + "fields:\n  note: {path: a, lossy: off}\n",
        7,
        26,
        "`lossy` must be true or false",
        "write `false`",
    ),
    "loud boolean": (HEAD + "fields:\n  note: {path: a, lossy: True}\n", 7, 26, "`lossy` must be true or false", "write `true`"),
    "unknown converter": (
        HEAD + "fields:\n  phone: {path: p, as: fone}\n",
        7,
        24,
        "`fone` is not a converter",
        "did you mean `phone`?",
    ),
    "wrong converter": (
        HEAD + "fields:\n  email: {path: p, as: flag}\n",
        7,
        24,
        "`flag` does not fit `email`",
        "one of: `email`",
    ),
    "converter for several": (
        HEAD + "fields:\n  note: {path: p, as: full_name}\n",
        7,
        23,
        "`full_name` is for 2 field(s)",
        "[given_name",
    ),
    "not one to one": (
        HEAD + "fields:\n  loyalty_tier: {path: t, values: {gold: G, silver: G}}\n",
        7,
        53,
        "`G` already means something else",
        "under `values_read`",
    ),
    "value twice": (
        HEAD + "fields:\n  loyalty_tier: {path: t, values: {a: G, a: H}}\n",
        7,
        42,
        "`a` stands here twice",
        "keep one",
    ),
    "value read twice": (
        HEAD + "fields:\n  loyalty_tier: {path: t, values: {a: G}, values_read: {G: a}}\n",
        7,
        57,
        "`G` already means something",
        "keep one of them",
    ),
    "value read unknown": (
        HEAD + "fields:\n  loyalty_tier: {path: t, values: {gold: G}, values_read: {AU: glod}}\n",
        7,
        64,
        "`glod` is not among `values`",
        "did you mean `gold`?",
    ),
    "flag without flag": (
        HEAD + "fields:\n  email_verified: {path: t, values: {yes: 1}}\n",
        7,
        38,
        "`email_verified` is a flag",
        "",
    ),
    "consent word": (
        HEAD + "fields:\n  consent.a: {path: t, values: {grant: 1}}\n",
        7,
        33,
        "not a consent",
        "did you mean `granted`?",
    ),
    "path written twice": (
        HEAD + "fields:\n  note: a\n  company: a\n",
        8,
        3,
        "`a` is written twice (first in line 7)",
        "add `only: read`",
    ),
    "path inside a path": (
        HEAD + "fields:\n  note: a.b\n  company: a\n",
        8,
        3,
        "`a` is written by the line of `a.b`",
        "add `only: read`",
    ),
    "bad selector": (HEAD + "fields:\n  note: a[b.c\n", 7, 9, "is not a path: `[b.c` is not a selector", "paths look like"),
    "bad path": (HEAD + "fields:\n  note: a..b\n", 7, 9, "is not a path", "paths look like"),
    "position written": (
        HEAD + "fields:\n  note: a[0].b\n",
        7,
        3,
        "a position in a list can be read, not written",
        "`only: read`",
    ),
    "no identity": (HEAD.replace("identity: id\n", "") + "fields: {}\n", 1, 1, "needs `identity`", "add `identity: id`"),
    "list without fields": (
        HEAD + "fields:\n  addresses: {each: a}\n",
        7,
        14,
        "the list `addresses` needs `fields`",
        "add `fields:`",
    ),
    "list as path": (HEAD + "fields:\n  addresses: a\n", 7, 14, "`addresses` is a list", "write `{each: PATH"),
    "set as path": (HEAD + "fields:\n  tags: a\n", 7, 9, "`tags` is a set of words", "write `{set: PATH}`"),
    "value as list": (
        HEAD + "fields:\n  note: {each: a, fields: {}}\n",
        7,
        9,
        "the line of `note` needs `path`",
        "`note` is one value, no list",
    ),
    "unknown element field": (
        HEAD + "fields:\n  addresses: {each: a, fields: {citty: c}}\n",
        7,
        33,
        "there is no field `citty`",
        "did you mean `city`?",
    ),
    "unknown match_by": (
        HEAD + "fields:\n  addresses: {each: a, match_by: [line], fields: {city: c}}\n",
        7,
        35,
        "an element has no field `line`",
        "did you mean `line",
    ),
    "fits": (
        HEAD + "fields:\n  addresses: {each: a, fits: frist, fields: {}}\n",
        7,
        30,
        "`frist` is not a",
        "did you mean `first`?",
    ),
    "read with write": (
        HEAD + "fields:\n  note: {path: a, only: read, write: b}\n",
        7,
        31,
        "`only: read` and `write` exclude one another",
        "keep one of them",
    ),
    "only": (HEAD + "fields:\n  note: {path: a, only: reed}\n", 7, 25, "`reed` is not a way", "did you mean `read`?"),
    "unknown entity": (
        HEAD.replace("entity: customer", "entity: costumer") + "fields: {}\n",
        4,
        9,
        "`costumer` is not a known entity",
        "`customer`?",
    ),
    "version of the language": (
        HEAD.replace("mapping: 1", "mapping: 2") + "fields: {}\n",
        1,
        10,
        "`2` is not a version",
        "one of: `1`",
    ),
    "part without identity": (
        PARTS + "  v: {each: v, stream: variants, entity: variant, fields: {sku: sku}}\n",
        8,
        6,
        "the part `v` needs `identity`",
        "add `identity: id`",
    ),
    "part with the parent's stream": (
        PARTS + "  v: {each: v, stream: products, entity: variant, identity: id, fields: {sku: s}}\n",
        8,
        24,
        "the stream `products` is mapped twice",
        "another name",
    ),
    "unknown reference": (
        HEAD + "fields: {}\nrefs: {product: {path: p, stream: s}}\n",
        7,
        8,
        "a customer has no reference",
        "take it out",
    ),
    "parent of nothing": (
        HEAD.replace("entity: customer", "entity: variant") + "fields: {}\nrefs: {product: parent}\n",
        7,
        17,
        "does not say which stream",
        "write `{path: PATH",
    ),
    "two equalities": (HEAD + "only_when: {a: 1, b: 2}\nfields: {}\n", 6, 12, "exactly one equality", "write `only_when"),
    "lossy unsaid": (
        HEAD + "fields:\n  [given_name, family_name]: {path: n, as: full_name}\n",
        7,
        3,
        "`full_name` cannot bring back every value",
        "add `lossy: true`",
    ),
    "money without minor": (
        HEAD.replace("entity: customer", "entity: variant") + "fields:\n  price: p\n",
        7,
        3,
        "an amount of money needs `minor`",
        "add `minor: iso`",
    ),
    "minor without money": (HEAD + "fields:\n  note: {path: a, minor: iso}\n", 7, 19, "`minor` is for money only", "take it out"),
    "clear that is no empty": (
        HEAD + 'empty: [null]\nfields:\n  note: {path: a, clear: ""}\n',
        8,
        26,
        "not be read as no value",
        'add ""',
    ),
    "unclear number": (
        HEAD + "fields:\n  loyalty_tier: {path: t, values: {a: 007}}\n",
        7,
        39,
        "more than one number",
        'write `"007"`',
    ),
    "values and as": (
        HEAD + "fields:\n  note: {path: t, as: text, values: {a: b}}\n",
        7,
        19,
        "exclude one another",
        "keep one of them",
    ),
    "list for a table": (HEAD + "fields: [a]\n", 6, 9, "`fields` must be a table", ""),
    "whole": (HEAD + "fields:\n  note: {path: a, max_length: many}\n", 7, 31, "`max_length` must be a whole number", ""),
    "anchor": (HEAD + "fields:\n  note: &n a\n  company: b\n", 7, 9, "anchors and aliases are not part", "write the value out"),
    "tab": (HEAD + "fields:\n\tnote: a\n", 7, 1, "not YAML", "not tabs"),
    "syntax": (HEAD + "fields: {note: [a\n", 7, 1, "not YAML", ""),
    "nothing": ("", 1, 1, "the file is empty", "start with `mapping: 1`"),
}


@pytest.mark.parametrize("case", CASES)
def test_check_names_place_and_fix_when_a_file_is_wrong(case: str) -> None:
    text, line, column, message, fix = CASES[case]
    errors = check(text, "m.yaml")
    assert errors
    assert f"m.yaml:{line}:{column}" == str(errors[0].place)
    assert message in errors[0].message
    assert fix in errors[0].fix


def test_check_finds_all_when_a_file_has_many_errors() -> None:
    text = HEAD + "fields:\n  givn_name: a\n  phone: {path: p, as: fone}\n  note: {path: n, silent: no}\n"
    assert [error.place.line for error in check(text, "m.yaml") if error.place] == [7, 8, 9]


def test_load_raises_the_first_when_a_file_has_errors() -> None:
    with pytest.raises(MappingError) as raised:
        load(HEAD + "fields:\n  givn_name: a\n  phone: {path: p, as: fone}\n", "mappings/shop/customers.yaml")
    assert str(raised.value) == "mappings/shop/customers.yaml:7:3: there is no field `givn_name`; did you mean `given_name`?"


@pytest.mark.parametrize("text", [SHOP, TILL, CATALOG])
def test_check_finds_nothing_when_a_file_is_right(text: str) -> None:
    assert check(text, "m.yaml") == []


def test_load_takes_words_as_words_when_yaml_would_once_have_seen_booleans() -> None:
    made = load(HEAD + "fields:\n  loyalty_tier: {path: t, values: {NO: on, yes: NO}}\n", "m.yaml")
    assert made.read({"id": 1, "t": "NO"}).records[0].fields == {"loyalty_tier": "yes"}
    assert made.read({"id": 1, "t": "on"}).records[0].fields == {"loyalty_tier": "NO"}


SITE = """
from hub.mapping import Converter

def read(value):
    return value.removeprefix("size-")

CONVERTERS = {"size": Converter("size", "A size.", read, lambda v: "size-" + v, lambda v: isinstance(v, str) and v != "")}
"""


def test_load_uses_a_sites_converter_when_its_folder_is_given(tmp_path: Path) -> None:
    (tmp_path / "sizes.py").write_text(SITE)
    own = load_converters(tmp_path)
    made = load(HEAD + "fields:\n  custom.size: {path: s, as: size}\n", "m.yaml", converters=own)
    assert made.read({"id": 1, "s": "size-M"}).records[0].fields == {"custom.size": "M"}
    assert made.write({"custom.size": "L"}, {}, {"id": 1, "s": "size-M"}).doc == {"id": 1, "s": "size-L"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "a file of converters needs a table named CONVERTERS"),
        ("CONVERTERS = {'a': 1}\n", "`a` must be a Converter of that name"),
        (SITE.replace('{"size"', '{"other"'), "`other` must be a Converter of that name"),
        (SITE.replace('"size"', '"text"'), "there is a converter `text` already; give it another name"),
        ("def\n", "this file cannot be loaded: SyntaxError"),
    ],
)
def test_load_converters_refuses_when_a_file_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.py").write_text(text)
    with pytest.raises(MappingError) as raised:
        load_converters(tmp_path)
    assert str(raised.value) == f"{tmp_path}/own.py:1:1: {message}"


def test_load_converters_refuses_a_name_that_another_file_has(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "notes.txt"):
        (tmp_path / name).write_text(SITE)
    with pytest.raises(MappingError) as raised:
        load_converters(tmp_path)
    assert str(raised.value) == f"{tmp_path}/b.py:1:1: there is a converter `size` already; give it another name"
