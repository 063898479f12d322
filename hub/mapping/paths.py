"""Where a value stands in a vendor's document: `customFields.tier`, `meta_data[key=x].value`, `lines[0].sku`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from hub.model.values import MISSING, Doc


@dataclass(frozen=True, slots=True)
class Select:
    """The first element of a list whose `key` shows `text`. `number`: a new element gets the key as a number."""

    key: str
    text: str
    number: bool


Step: TypeAlias = str | int | Select
"""A key of an object, a position in a list, or an element chosen by one of its keys."""

_KEY: Final = re.compile(r"[^.\[\]\s=][^.\[\]=]*")
_SELECTOR: Final = re.compile(r"\[(?:(\d+)|([^\[\]=\s]+)=(\"[^\"]*\"|[^\[\]=\"]+))\]")


class BadPath(ValueError):
    """A text that is no path; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path. `text` is how it was written."""

    text: str
    steps: tuple[Step, ...]

    @property
    def dotted(self) -> str:
        """Return the part that names a whole value of the document: everything before the first selector."""
        keys: list[str] = []
        for step in self.steps:
            if not isinstance(step, str):
                break
            keys.append(step)
        return ".".join(keys)

    @property
    def positional(self) -> bool:
        """Say whether a position in a list is used, which can be read but not written."""
        return any(isinstance(step, int) for step in self.steps)


def parse(text: str) -> Path:
    """Parse a path. Raises BadPath."""
    steps: list[Step] = []
    at = 0
    while True:
        key = _KEY.match(text, at)
        if key is None:
            message = "a path needs a key here" if at == len(text) else f"`{text[at:]}` is not a key"
            raise BadPath(message)
        steps.append(key.group().strip())
        at = key.end()
        while at < len(text) and text[at] == "[":
            step, at = _selector(text, at)
            steps.append(step)
        if at == len(text):
            return Path(text, tuple(steps))
        if text[at] != ".":
            message = f"`{text[at:]}` does not belong into a path"
            raise BadPath(message)
        at += 1


def _selector(text: str, at: int) -> tuple[Step, int]:
    found = _SELECTOR.match(text, at)
    if found is None:
        message = f"`{text[at:]}` is not a selector like `[key=value]` or `[0]`"
        raise BadPath(message)
    position, key, value = found.groups()
    if position is not None:
        return int(position), found.end()
    quoted = value.startswith('"')
    return Select(key, value.strip('"'), not quoted and value.isdecimal()), found.end()


def shown(value: object) -> str:
    """Return how a scalar of a document is written in a selector."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def pick(items: Any, key: str, text: str) -> Any:
    """Return the first element of a list whose `key` shows `text`; None where the list is null, MISSING where there is none."""
    if items is None:
        return None
    if isinstance(items, list):
        for item in items:
            if isinstance(item, dict) and key in item and shown(item[key]) == text:
                return item
    return MISSING


def at_position(items: Any, position: int) -> Any:
    """Return the element at a position, or MISSING."""
    if items is None:
        return None
    return items[position] if isinstance(items, list) and position < len(items) else MISSING


def get(doc: Any, path: Path) -> Any:
    """Return what stands at `path`: MISSING where a step has no key, None where a parent is null."""
    for step in path.steps:
        if isinstance(step, str):
            doc = doc.get(step, MISSING) if isinstance(doc, dict) else None if doc is None else MISSING
        elif isinstance(step, int):
            doc = at_position(doc, step)
        else:
            doc = pick(doc, step.key, step.text)
        if doc is MISSING:
            return MISSING
    return doc


def put(doc: Doc, path: Path, value: Any) -> None:
    """Set `path` in a document of our own; missing objects and selected elements are made."""
    target: Any = doc
    for step, following in zip(path.steps[:-1], path.steps[1:], strict=True):
        target = _enter(target, step, list if not isinstance(following, str) else dict)
    last = path.steps[-1]
    if isinstance(last, Select):
        _enter(target, last, dict).update(value if isinstance(value, dict) else {})
    elif isinstance(last, str):
        target[last] = value


def _enter(target: Any, step: Step, kind: type) -> Any:
    if isinstance(step, Select):
        found = pick(target, step.key, step.text)
        if not isinstance(found, dict):
            found = {step.key: _selector_value(target, step)}
            target.append(found)
        return found
    if isinstance(step, int):
        return target[step] if step < len(target) and isinstance(target[step], kind) else kind()
    inner = target.get(step)
    if not isinstance(inner, kind):
        inner = target[step] = kind()
    return inner


def _selector_value(siblings: list[Any], step: Select) -> str | int:
    texts = any(isinstance(item, dict) and isinstance(item.get(step.key), str) for item in siblings)
    return int(step.text) if step.number and not texts else step.text


def drop(doc: Doc, path: Path) -> None:
    """Take the key, or the selected element, at `path` away; nothing happens where it is not."""
    *parents, last = path.steps
    holder = get(doc, Path("", tuple(parents))) if parents else doc
    if isinstance(holder, dict) and isinstance(last, str):
        holder.pop(last, None)
    elif isinstance(holder, list) and isinstance(last, Select):
        gone = pick(holder, last.key, last.text)
        holder[:] = [item for item in holder if item is not gone]


def copied(value: Any) -> Any:
    """Return a copy of a JSON value that shares nothing with it."""
    if isinstance(value, dict):
        return {key: copied(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [copied(inner) for inner in value]
    return value
