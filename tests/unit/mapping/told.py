"""What the compiler of mappings makes of texts, right and wrong, for comparison with the files in `golden/`.

`python -m tests.unit.mapping.told` writes these files anew; look at the difference before it is committed: what is compiled is
what is read and written, and what is wrong is said to the admin who wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from hub.mapping import Converter, Mapping, check, load, schema
from tests.unit.mapping.examples import CATALOG, SHOP, TILL
from tests.unit.mapping.test_errors import CASES

HERE: Final = Path(__file__).parent
GOLDEN: Final = HERE / "golden"
TEXTS: Final = {"shop.txt": SHOP, "till.txt": TILL, "catalog.txt": CATALOG}
FILES: Final = (*TEXTS, "errors.txt", "schema.json")


def told(name: str) -> str:
    """Return a file by its name."""
    if name == "schema.json":
        return json.dumps(schema(), indent=1, sort_keys=True) + "\n"
    if name == "errors.txt":
        return "".join(f"{case}:\n" + "".join(f"  {error}\n" for error in check(CASES[case][0], "m.yaml")) for case in CASES)
    return "\n".join(_lines(load(TEXTS[name], name.replace(".txt", ".yaml")))) + "\n"


def _lines(mapping: Mapping) -> Iterator[str]:
    table = mapping._table
    for one in fields(table):
        value = getattr(table, one.name)
        rows = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
        yield from (f"{one.name}: {_say(row)}" for row in rows)


def _say(thing: Any) -> str:
    if isinstance(thing, Enum):
        return str(thing.value)
    if isinstance(thing, Converter):
        return f"converter {thing.name}"
    if is_dataclass(thing) and "text" in {one.name for one in fields(thing)}:
        return f"path {getattr(thing, 'text', '')}"
    if is_dataclass(thing):
        said = [f"{one.name}={_say(getattr(thing, one.name))}" for one in fields(thing)]
        return f"{type(thing).__name__}({', '.join(part for part in said if not part.endswith(('=()', '=False', '=None', '=')))})"
    if isinstance(thing, dict):
        return "{" + ", ".join(f"{_say(key)}: {_say(value)}" for key, value in thing.items()) + "}"
    if isinstance(thing, list | tuple):
        return "(" + ", ".join(_say(one) for one in thing) + ")"
    return f"{{{', '.join(sorted(map(repr, thing)))}}}" if isinstance(thing, set | frozenset) else str(thing)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for file in FILES:
        (GOLDEN / file).write_text(told(file), encoding="utf-8")
