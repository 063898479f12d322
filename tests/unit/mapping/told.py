"""What the compiler of mappings makes of texts, right and wrong, for comparison with the files in `golden/`.

`python -m tests.unit.mapping.told` writes these files anew; look at the difference before it is committed: what is compiled is
what is read and written, and what is wrong is said to the admin who wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Final

from hub.errors import RecordRefused
from hub.mapping import CONVERTERS, Converter, ElementChange, Mapping, check, load, schema, show
from hub.mapping.converters import CANNOT
from hub.model.values import MISSING
from tests.unit.mapping import moves, values, wide, wrong
from tests.unit.mapping.examples import CATALOG, SETTINGS, SHOP, TILL
from tests.unit.mapping.test_errors import CASES

HERE: Final = Path(__file__).parent
GOLDEN: Final = HERE / "golden"
TEXTS: Final = {"shop": SHOP, "till": TILL, "catalog": CATALOG, **wide.TEXTS}


def told(name: str) -> str:
    """Return a file by its name."""
    return FILES[name]()


def _schema() -> str:
    return json.dumps(schema({"size": CONVERTERS["text"]}), indent=1, sort_keys=True) + "\n"


def _errors() -> str:
    texts = {case: CASES[case][0] for case in CASES} | wrong.TEXTS
    return "".join(f"{case}:\n" + "".join(f"  {error}\n" for error in check(texts[case], "m.yaml")) for case in texts)


def _table(name: str) -> str:
    return "\n".join(_lines(load(TEXTS[name], f"{name}.yaml"))) + "\n"


def _lines(mapping: Mapping) -> Iterator[str]:
    table = mapping._table
    for one in fields(table):
        value = getattr(table, one.name)
        rows = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
        yield from (f"{one.name}: {_say(row)}" for row in rows)


def _code(name: str) -> str:
    """Return the readers of a text as they were written, with what the names in them stand for, and its rows for people."""
    out: list[str] = []
    for stream, mapping in load(TEXTS[name], f"{name}.yaml").streams.items():
        facts = (mapping.version_kind, mapping.has_created_at, mapping.projection, mapping.required, mapping.ignored)
        names = mapping._readers.record.__globals__
        out += [f"# {stream}", f"# {facts}", f"# {mapping.fingerprint}", mapping.source]
        out += [f"{key} = {_say(value)}" for key, value in names.items() if key[:1] == "k" and key[1:].isdecimal()]
        out += [" · ".join(row) for row in show(mapping)] + [""]
    return "\n".join(out)


def _reads(name: str) -> str:
    """Return what documents are read as: a whole one, and what is different where something in it is; then partial ones."""
    mapping, out, whole = load(TEXTS[name], f"{name}.yaml"), list[str](), wide.WHOLE[name]
    ids = {key: value for key, value in whole.items() if key in ("id", "gid", "shop", "number", "kind")}
    for partial_, base in ((False, whole), (True, ids)):
        usual = list(_read(mapping, base, partial_))
        out += ["partial" if partial_ else "whole", *(f"  {line}" for line in usual)]
        for patch in wide.PATCHES[name]:
            found = list(_read(mapping, base | patch, partial_))
            out += [f"{patch}", *(f"- {line}" for line in usual if line not in found and len(found) > 1)]
            out += [f"+ {line}" for line in found if line not in usual]
    return "\n".join(out) + "\n"


def _read(mapping: Mapping, doc: dict[str, Any], partial_: bool) -> Iterator[str]:  # noqa: FBT001 - it is passed on
    try:
        reading = mapping.read(doc, SETTINGS, partial=partial_)
    except RecordRefused as refused:
        yield f"refused: {refused} ({refused.path})"
        return
    yield f"{mapping.identify(doc)} {mapping.part_ids(doc)} {reading.skipped or ''}"
    for record in reading.records:
        for one in fields(record):
            value = getattr(record, one.name)
            rows = value.items() if isinstance(value, dict) else [("", value)]
            yield from (f"{record.stream} {one.name} {key} {_say(row)}" for key, row in rows)
    yield from (_say(drift) for drift in reading.drift)


def _writes(name: str) -> str:
    """Return what changes make of a whole document, of none, and of an empty one; and what they are expected to look like."""
    mapping, out, whole = load(TEXTS[name], f"{name}.yaml"), list[str](), wide.WHOLE[name]
    for change in moves.CHANGES[name]:
        out += [f"{change}", f"  shown {[mapping.render(path, value, SETTINGS) for path, value in change.items()]}"]
        out += [f"  {_written(mapping, change, {}, onto)}" for onto in (whole, None, {})]
    for list_name, steps, patch in moves.MOVES[name]:
        changes = {list_name: [ElementChange(*move) for move in steps]}
        out += [f"{list_name} {steps} {patch}", f"  {_written(mapping, {}, changes, whole | patch)}"]
        out += [f"  {_written(mapping, {}, changes, None)}"]
        known = steps if list_name in mapping.lists else ()
        out += [f"  shown {mapping.render_element(list_name, move[2] or {}, SETTINGS)}" for move in known]
    return "\n".join(out) + "\n"


def _written(mapping: Mapping, changes: dict[str, Any], lists: dict[str, list[ElementChange]], onto: Any) -> str:
    done = mapping.write(changes, lists, onto, SETTINGS)
    gone = sorted((onto or {}).keys() - done.doc.keys())
    new = {key: value for key, value in done.doc.items() if (onto or {}).get(key, MISSING) != value}
    return f"{new} without {gone} {done.paths} {done.left_out}"


def _converters() -> str:
    """Return every converter with its facts, and what it makes of values."""
    out = list[str]()
    for name, raws in values.RAWS.items():
        each = values.converter(name)
        facts = each.name, each.doc, _say(sorted(each.kinds)), each.samples, each.takes, each.several, each.lossy
        out += [f"{name} {facts}"]
        for raw in raws:
            value, *scope = raw if isinstance(raw, tuple) else (raw,)
            read, written = _tried(each.read, value, *scope), _tried(each.write, value, *scope)
            out += [f"  {raw!r} reads {read}, writes {written}, accepted {_tried(each.accepts, value, *scope)}"]
    return "\n".join(out) + "\n"


def _tried(act: Callable[..., Any], *given: Any) -> str:
    try:
        return repr(act(*given))
    except CANNOT as cannot:
        return str(cannot) if type(cannot) is ValueError and "this" in str(cannot) else "no"


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
    if callable(thing):
        return getattr(thing, "__qualname__", "callable")
    return f"{{{', '.join(sorted(map(repr, thing)))}}}" if isinstance(thing, set | frozenset) else str(thing)


FILES: Final[dict[str, Callable[[], str]]] = {
    "schema.json": _schema,
    "errors.txt": _errors,
    "converters.txt": _converters,
    **{f"{name}.txt": partial(_table, name) for name in TEXTS},
    **{f"{name}.code.txt": partial(_code, name) for name in TEXTS},
    **{f"{name}.reads.txt": partial(_reads, name) for name in wide.TEXTS},
    **{f"{name}.writes.txt": partial(_writes, name) for name in wide.TEXTS},
}

if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for file in FILES:
        (GOLDEN / file).write_text(told(file), encoding="utf-8")
