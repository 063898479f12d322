"""The JSON Schema of mapping files, for editors; made from the tables that the loader uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hub.mapping import grammar
from hub.mapping.converters import CONVERTERS, Converter
from hub.mapping.grammar import REQUIRED, Key
from hub.model.entities import ELEMENT_FIELDS, FAMILIES, FIELDS
from hub.model.record import EntityType

_SCALAR: Final = {"type": ["string", "number", "boolean", "null"]}
_TEXT: Final = {"type": ["string", "number"]}
_PATH: Final = {"type": "string", "pattern": r"^[^\s].*$"}
_ONE_OF: Final[dict[str, tuple[Any, ...]]] = {
    "one": (1,),
    "otherwise": ("leave", "reject"),
    "ways": grammar.WAYS,
    "only_read": ("read",),
    "case": ("upper", "lower"),
    "clear": (None, "", "omit", "refuse"),
    "minor": ("iso", 2, "2", "major"),
    "tax": ("gross", "net"),
    "time_as": grammar.TIMES,
    "ref_as": ("gid",),
    "ref_by": ("number",),
    "entity": tuple(entity.value for entity in EntityType),
}


def schema(converters: Mapping[str, Converter] | None = None) -> dict[str, Any]:
    """Return the schema (draft 2020-12). `converters`: a site's own, which `as` may name, too."""
    names = sorted({**CONVERTERS, **(converters or {})})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping file",
        **_table(grammar.TOP, REQUIRED["file"]),
        "$defs": {
            "line": {"anyOf": [_PATH, _table(grammar.LINE, ())]},
            "list": _table(grammar.LIST, REQUIRED["list"]),
            "set": _table(grammar.SET, REQUIRED["set"]),
            "part": _table(grammar.PART, REQUIRED["part"]),
            "reference": {"anyOf": [{"const": "parent"}, _table(grammar.REF, REQUIRED["reference"])]},
            "time": {"anyOf": [_PATH, _table(grammar.TIME, REQUIRED["time"])]},
            "identity": {"anyOf": [_PATH, _table(grammar.IDENTITY, ())]},
            "deleted": _table(grammar.DELETED, REQUIRED["deleted"]),
            "converter": {"enum": names},
            "fields": _fields(),
            "elements": _elements(),
        },
    }


def _table(keys: Mapping[str, Key], required: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {name: {**_form(key.form), "description": key.doc} for name, key in keys.items()},
    }


def _form(form: str) -> dict[str, Any]:
    if form in _ONE_OF:
        return {"enum": list(_ONE_OF[form])}
    refs = {"time", "identity", "converter", "fields", "elements"}
    if form in refs:
        return {"$ref": f"#/$defs/{form}"}
    shapes: dict[str, dict[str, Any]] = {
        "path": _PATH,
        "text": _TEXT,
        "flag": {"type": "boolean"},
        "whole": {"type": "integer", "minimum": 1},
        "scalar": _SCALAR,
        "scalars": {"type": "array", "items": _SCALAR},
        "empty": {"type": "array", "items": _SCALAR},
        "paths": {"type": "array", "items": _PATH},
        "names": {"type": "array", "items": {"type": "string"}},
        "values": {"type": "object", "additionalProperties": _SCALAR},
        "values_write": {"type": "object", "additionalProperties": _SCALAR},
        "values_read": {"type": "object", "additionalProperties": _SCALAR},
        "when": {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": _SCALAR},
        "fits": {"anyOf": [{"enum": ["all", "first"]}, {"type": "integer", "minimum": 1}]},
        "equals": {"$ref": "#/$defs/deleted"},
        "refs": {"type": "object", "additionalProperties": {"$ref": "#/$defs/reference"}},
        "parts": {"type": "object", "additionalProperties": {"$ref": "#/$defs/part"}},
    }
    return shapes[form]


def _fields() -> dict[str, Any]:
    """Fields of all entities: an editor completes them, the loader knows which belongs to which entity."""
    kinds = {name: kind for fields in FIELDS.values() for name, kind in fields.items()}
    right = {"list": "list", "set": "set"}
    families = "|".join([*FAMILIES, "summary"])
    return {
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{right.get(kind.value, 'line')}"} for name, kind in sorted(kinds.items())},
        "patternProperties": {rf"^({families})\..+$": {"$ref": "#/$defs/line"}, r"^\[.*\]$": {"$ref": "#/$defs/line"}},
        "additionalProperties": False,
    }


def _elements() -> dict[str, Any]:
    names = sorted({name for fields in ELEMENT_FIELDS.values() for name in fields})
    return {
        "type": "object",
        "properties": {name: {"$ref": "#/$defs/line"} for name in names},
        "patternProperties": {r"^\[.*\]$": {"$ref": "#/$defs/line"}},
        "additionalProperties": False,
    }
