"""YAML that a person wrote, as plain data that still knows line and column.

In: the text of config.yaml or a manifest. Out: JSON values, a `Place` for each of them, typed models. Every error is a
`ConfigError` with file, line, column and the nearest right spelling. Only `true` and `false` are booleans; a key stands once;
anchors and tags are refused, so that every value stands where it is read. Values never show in an error: they may be secrets.
"""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hub.errors import ConfigError, Place

ModelT = TypeVar("ModelT", bound=BaseModel)
Where: TypeAlias = tuple[str | int, ...]

_TAG: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset(_TAG + name for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp"))


class Strict(BaseModel):
    """Base of everything read from YAML: frozen, no unknown keys, no value bent into another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(slots=True)
class YamlFile:
    """One file: `data` as JSON values, and where each of them stands. A table's entry stands where its key does."""

    file: str
    data: Any = None
    places: dict[Where, Place] = field(default_factory=dict)

    def place(self, where: Sequence[str | int] = ()) -> Place:
        """Return the place of a value, or of the nearest table around it."""
        path = tuple(where)
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file, 1, 1))

    def error(self, where: Sequence[str | int], message: str, fix: str = "") -> ConfigError:
        """Return the error that blames a value."""
        return ConfigError(message, place=self.place(where), fix=fix)

    def read(self, node: Node, where: Where = ()) -> Any:
        """Return a node as JSON values and note the places."""
        self.places.setdefault(where, _place(self.file, node))
        if node.anchor or str(node.tag) not in _TAGS:
            raise ConfigError(
                "Anchors, aliases and tags are not allowed here.", place=_place(self.file, node), fix="Write the value out."
            )
        if isinstance(node, MappingNode):
            return self._table(node, where)
        if isinstance(node, SequenceNode):
            return [self.read(part, (*where, index)) for index, part in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return self._scalar(node)

    def _table(self, node: MappingNode, where: Where) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise ConfigError("A key must be one word.", place=_place(self.file, key))
            name = str(key.value)
            path = (*where, name)
            if name in out:
                first = self.places[path].line
                message = f"`{name}` stands here twice (first in line {first})."
                raise ConfigError(message, place=_place(self.file, key), fix="Keep one of them.")
            self.places[path] = _place(self.file, key)
            out[name] = self.read(value, path)
        return out

    def _scalar(self, node: ScalarNode) -> Any:
        text = str(node.value)
        if node.style == ">":
            text = text.replace("\a", "")  # ruamel marks there where a line was folded
        match str(node.tag).removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                if text not in ("true", "false"):
                    raise ConfigError(
                        "A flag is `true` or `false`.", place=_place(self.file, node), fix=f"Write `{text.lower()}`."
                    )
                return text == "true"
            case "int" if text.removeprefix("-").isdecimal() and str(int(text)) == text:
                return int(text)
            case "float" if text.removeprefix("-").replace(".", "", 1).isdecimal():
                return float(text)
            case "int" | "float":
                place = _place(self.file, node)
                raise ConfigError(
                    "This can be read as more than one number.", place=place, fix="Put it in quotes if it is a text."
                )
            case _:
                return text


def read_yaml(text: str, file: str) -> YamlFile:
    """Return a YAML text as data with places. Raises ConfigError at the first thing that is wrong."""
    out = YamlFile(file)
    try:
        root = YAML(typ="rt").compose(text)
    except MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        problem = (broken.problem or broken.context or "it cannot be read").strip()
        raise ConfigError(f"This is not YAML: {problem}.", place=place, fix=_repair(problem)) from None
    except YAMLError:
        raise ConfigError(
            "This is not YAML: it holds a character that YAML does not know.",
            place=Place(file, 1, 1),
            fix="Save it as UTF-8 text.",
        ) from None
    if root is None:
        raise ConfigError("The file is empty.", place=Place(file, 1, 1), fix="`hub init` in another folder shows how one begins.")
    out.data = out.read(root)
    return out


def open_yaml(path: Path, *, shown: str = "") -> YamlFile:
    """Read a YAML file; `shown` is its name in errors (default: the path as given)."""
    file = shown or path.as_posix()
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{file} cannot be read as a UTF-8 text file.", place=Place(file, 1, 1)) from None
    return read_yaml(text, file)


def typed(model: type[ModelT], source: YamlFile, data: Any = None) -> ModelT:
    """Return the data (default: the whole file) as a model; ConfigError names the first wrong line and how many follow."""
    try:
        return model.model_validate_json(orjson.dumps(source.data if data is None else data))
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False, include_context=True, include_input=False)
    said = sorted(
        (_said(model, source, error) for error in errors),
        key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0),
    )
    first = said[0]
    if len(said) > 1:
        first.fix = f"{first.fix} ({len(said) - 1} more after this one.)".strip()
    raise first


def _said(model: type[BaseModel], source: YamlFile, error: ErrorDetails) -> ConfigError:
    where = tuple(error["loc"])
    is_key = where[-1:] == ("[key]",)
    where = where[:-1] if is_key else where
    name = str(where[-1]) if where else source.file
    known = re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected", "")))
    match error["type"]:
        case "enum" if is_key:
            return source.error(where, f"`{name}` is not known here.", nearest(name, known))
        case "extra_forbidden":
            return source.error(where, f"`{name}` is not known here.", nearest(name, _keys(model, where[:-1])))
        case "missing":
            return source.error(where, f"`{name}` is missing.")
        case "enum" | "literal_error":
            return source.error(where, f"`{name}` must be one of {quoted(known)}.")
        case "bool_type":
            return source.error(where, f"`{name}` must be true or false.")
        case "value_error":
            return source.error(where, str(error["msg"]).removeprefix("Value error, "))
        case _:
            return source.error(where, f"`{name}`: {error['msg'][0].lower()}{error['msg'][1:]}.")


def _keys(model: Any, where: Sequence[str | int]) -> list[str]:
    """Return the keys that a model knows at a path."""
    shape = model
    for step in where:
        shape = _inner(shape, step)
    shape = _bare(shape)
    if not (isinstance(shape, type) and issubclass(shape, BaseModel)):
        return []
    return [info.alias or name for name, info in shape.model_fields.items()]


def _inner(shape: Any, step: str | int) -> Any:
    bare = _bare(shape)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        info = bare.model_fields.get(str(step))
        return info.annotation if info else None
    args = [arg for arg in get_args(bare) if arg is not Ellipsis]
    return args[-1] if args else None


def _bare(shape: Any) -> Any:
    if get_origin(shape) in (Union, types.UnionType):
        return next(arg for arg in get_args(shape) if arg is not type(None))
    return shape


def _repair(problem: str) -> str:
    """Return what a person may look for; the parser names what it met, often long after the slip."""
    if "'\\t'" in problem:
        return "Indent with blanks, never with a tab."
    return "Look here and above for a quote or bracket that is not closed, a missing `: `, or lines that are not indented alike."


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean ...?` with the nearest right spelling, or what there is to choose from."""
    names = sorted(known)
    found = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if found:
        return f"Did you mean `{found[0]}`?"
    return "Known here: " + ", ".join(f"`{name}`" for name in names) + "." if names else ""


def _place(file: str, node: Node) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


def quoted(names: Iterable[str]) -> str:
    """Return names as prose: `a`, `b`."""
    return ", ".join(f"`{name}`" for name in names)
