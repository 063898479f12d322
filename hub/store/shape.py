"""Flat dataclasses to table rows and back, for everything that is not on the hottest path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, Generic, TypeVar

import orjson

from hub.store.db import Row, columns, names
from hub.store.kinds import Stored

T = TypeVar("T")
Convert = Callable[[Any], Any]


class Shape(Generic[T]):
    """Pairs a dataclass with the table whose columns have its field names, in its order.

    `enums` and `flags` are turned back into what they were; `json` fields stand as JSON bytes, optionally rebuilt by a function.
    """

    def __init__(
        self,
        row: type[Stored],
        noun: type[T],
        *,
        enums: Mapping[str, type[StrEnum]] | None = None,
        flags: Iterable[str] = (),
        json: Iterable[str] = (),
        rebuild: Mapping[str, Convert] | None = None,
    ) -> None:
        order = names(row)
        given = tuple(f.name for f in fields(noun))  # type: ignore[arg-type] # every noun is a dataclass
        if sorted(order) != sorted(given):
            message = f"{noun.__name__} and its table differ: {set(order) ^ set(given)}"
            raise TypeError(message)
        self.row = row
        self.noun: Callable[..., T] = noun
        self.columns = columns(row)
        self._get = attrgetter(*order)
        self._order = order
        reads: dict[str, Convert] = dict.fromkeys(flags, bool) | dict(enums or {})
        writes: dict[str, Convert] = dict.fromkeys(enums or {}, attrgetter("value"))
        for name in json:
            then = (rebuild or {}).get(name)
            reads[name] = orjson.loads if then is None else _then(then)
            writes[name] = orjson.dumps
        self._reads = [(order.index(n), f) for n, f in reads.items()]
        self._writes = [(order.index(n), f) for n, f in writes.items()]

    def write(self, noun: T) -> Row:
        """Return the row of a noun."""
        out = list(self._get(noun))
        for at, convert in self._writes:
            out[at] = convert(out[at])
        return tuple(out)

    def read(self, row: Row) -> T:
        """Return the noun of a row."""
        out = list(row)
        for at, convert in self._reads:
            out[at] = convert(out[at])
        return self.noun(**dict(zip(self._order, out, strict=True)))


def _then(build: Convert) -> Convert:
    return lambda data: build(orjson.loads(data))
