"""Writes the Python source that reads one stream's documents, and compiles it: nothing is interpreted per record.

The source is made from the compiled table alone. Keys and texts of a mapping file enter it as `repr`, everything else as a name
bound to a constant, so that nothing in a file can become code.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.errors import RecordRefused
from hub.mapping import rules
from hub.mapping.converters import CANNOT
from hub.mapping.knowledge import Known, below, known_keys
from hub.mapping.lines import Empty, Equals, Line, ListLine, RefLine, Table, Time
from hub.mapping.paths import Path, Select, Step, at_position, pick
from hub.model.entities import Kind
from hub.model.record import Drift, DriftKind, Element, Record, Ref
from hub.model.values import MISSING, Doc, Value

Settings = Mapping[str, str]
RecordReader = Callable[[Doc, Settings, bool, list[Drift], Ref | None], Record | None]
LineReader = Callable[[Doc, Settings, bool, list[Drift]], dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Readers:
    """The compiled functions of one table. `record` returns None for a document that `only_when` leaves out."""

    record: RecordReader
    lines: dict[str, LineReader]
    elements: dict[str, rules.ElementReader]
    source: str


_GLOBALS: Final[dict[str, Any]] = {
    "M": MISSING,
    "CANNOT": CANNOT,
    "Record": Record,
    "Element": Element,
    "Ref": Ref,
    "RecordRefused": RecordRefused,
    "pick": pick,
    "at_position": at_position,
    "step": rules.step,
    "ident": rules.ident,
    "ident_gid": rules.ident_gid,
    "read_ref": rules.read_ref,
    "read_time": rules.read_time,
    "read_version": rules.read_version,
    "read_list": rules.read_list,
    "read_set": rules.read_set,
    "unknown": rules.unknown,
    "unselected": rules.unselected,
}


@dataclass(slots=True)
class _Program:
    """The source so far, and the constants it names."""

    stream: str
    empty: Empty
    text: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=lambda: dict(_GLOBALS))

    def const(self, value: Any) -> str:
        name = f"k{len(self.names)}"
        assert not keyword.iskeyword(name)
        self.names[name] = value
        return name

    def drift(self, path: str, kind: DriftKind = DriftKind.BAD_VALUE) -> str:
        return self.const(Drift(self.stream, path, kind))


class _Function:
    """One function being written. `prefix` leads to its document inside the payload."""

    def __init__(self, program: _Program, head: str, prefix: str = "") -> None:
        self.program = program
        self.prefix = prefix
        self.holders: dict[tuple[Step, ...], str] = {}
        self.settings: set[str] = set()
        program.text.append(head)

    def emit(self, text: str, depth: int = 1) -> None:
        self.program.text.append("    " * depth + text)

    def expr(self, steps: tuple[Step, ...]) -> str:
        """Return an expression for what stands at a path, M where it is missing."""
        if not steps:
            return "doc"
        *parents, last = steps
        if isinstance(last, str):
            return f"{self.holder(tuple(parents))}.get({last!r}, M)"
        inner = self.expr(tuple(parents))
        if isinstance(last, Select):
            return f"pick({inner}, {last.key!r}, {last.text!r})"
        return f"at_position({inner}, {last!r})"

    def holder(self, steps: tuple[Step, ...]) -> str:
        """Return the name of the object at a path; looked up once per document."""
        if not steps:
            return "doc"
        if steps not in self.holders:
            value = self.expr(steps)
            name = self.holders[steps] = f"h{len(self.holders)}"
            self.emit(f"{name} = {value}")
            bad = self.program.drift(self.prefix + _shown(steps))
            self.emit(f"if {name}.__class__ is not dict: {name} = step({name}, drift, {bad})")
        return self.holders[steps]

    def setting(self, name: str) -> str:
        if name not in self.settings:
            self.settings.add(name)
            self.emit(f"s_{name} = settings.get({name!r})")
        return f"s_{name}"

    # lines ------------------------------------------------------------------------------------------------------------

    def line(self, line: Line) -> None:
        """Read one line into `f`."""
        if line.read is None:
            return
        scope = self._scope(line)
        self.emit(f"v = {self.expr(line.read.steps)}")
        branches = self._branches(line)
        for number, (condition, action) in enumerate(branches):
            self.emit(f"{'elif' if number else 'if'} {condition}: {action}")
        self.emit("else:")
        bad = self._bad(line, DriftKind.UNKNOWN_VALUE if line.translates else DriftKind.BAD_VALUE)
        if line.translates or line.converter is None:
            self.emit(bad, 2)
        else:
            self.emit("try:", 2)
            self.emit(f"r = {self.program.const(line.converter.read)}(v{', ' + scope if scope else ''})", 3)
            self.emit(self._store(line), 3)
            self.emit("except CANNOT:", 2)
            self.emit(bad, 3)
        self._field_time(line)

    def _branches(self, line: Line) -> list[tuple[str, str]]:
        empty, none = self.program.empty, "; ".join(f"f[{name!r}] = None" for name in line.names)
        speaks = empty.missing and not line.absent_missing
        branches = [_fast_text(line, empty)] if _is_plain_text(line, empty) else []
        branches.append(("v is M and partial", "pass") if speaks else ("v is M", "pass"))
        if speaks:
            branches.append(("v is M", none))
        if line.absent:
            branches.append((_any_of(line.absent), "pass"))
        if line.translates:
            pairs = line.values + tuple((ours, theirs) for theirs, ours in line.values_read)
            branches.append((f"(r := {self.program.const(rules.lookup(pairs))}(v)) is not M", self._store(line)))
        if empty.values:
            branches.append((_any_of(empty.values), none))
        return branches

    def _store(self, line: Line) -> str:
        if len(line.names) == 1:
            return f"f[{line.names[0]!r}] = r"
        return ", ".join(f"f[{name!r}]" for name in line.names) + " = r"

    def _bad(self, line: Line, kind: DriftKind) -> str:
        path = self.prefix + line.path
        if not line.reject:
            return f"drift.append({self.program.drift(path, kind)})"
        message = f"the value at `{path}` is not known"
        return f"raise RecordRefused({message!r}, path={path!r})"

    def _scope(self, line: Line) -> str:
        """Return the expression of the second argument of a converter that takes one."""
        if line.converter is None or not line.converter.takes:
            return ""
        if line.kind is not Kind.MONEY:
            return self.setting(line.converter.takes)
        if isinstance(line.currency, Path):
            return self.expr(line.currency.steps)
        return self.setting("currency") if line.currency == "connection" else repr(line.currency)

    def _field_time(self, line: Line) -> None:
        if line.changed_at is not None and "times" in self.settings:
            self.emit(f"t = {self.time(line.changed_at)}")
            self.emit("if t is not None: " + "; ".join(f"times[{name!r}] = t" for name in line.names))

    def time(self, time: Time | None) -> str:
        """Return an expression for a time in microseconds, or None."""
        if time is None:
            return "None"
        read = self.program.const(rules.TIME_READERS[time.written_as])
        return f"read_time({self.expr(time.path.steps)}, {read}, drift, {self.program.drift(self.prefix + time.path.text)})"

    # lists and drift --------------------------------------------------------------------------------------------------

    def list(self, line: ListLine, element: str) -> None:
        """Read one list or set into `lists`."""
        empty = self.program.empty
        nothing = [_any_of(empty.values)] if empty.values else []
        nothing += ["(v is M and not partial)"] if empty.missing else []
        seen = " or ".join(nothing) or "False"
        bad = self.program.drift(self.prefix + line.path)
        self.emit(f"v = {self.expr(line.each.steps)}")
        if line.is_set:
            self.emit(f"v = read_set(v, {seen}, {line.separator!r}, drift, {bad})")
        else:
            self.emit(f"v = read_list(v, {element}, {seen}, settings, partial, drift, {bad})")
        self.emit(f"if v is not M: lists[{line.name!r}] = v")

    def drift_check(self, known: Known, steps: tuple[Step, ...] = ()) -> None:
        """Report what the document has and the mapping does not know."""
        where = self.prefix + (_shown(steps) + "." if steps else "")
        if known.keys:
            holder = self.holder(steps)
            names = self.program.const(frozenset(known.keys))
            call = f"unknown({holder}, {names}, {self.program.stream!r}, {where!r}, drift)"
            self.emit(f"if not {names}.issuperset({holder}): {call}")
        if known.selected:
            chosen = self.program.const(frozenset(known.selected))
            self.emit(f"unselected({self.expr(steps)}, {chosen}, {self.program.stream!r}, {where[:-1]!r}, drift)")
        for key, inner in known.keys.items():
            if inner is not None:
                self.drift_check(inner, (*steps, key))


def _shown(steps: tuple[Step, ...]) -> str:
    out = ""
    for one in steps:
        if isinstance(one, str):
            out += f".{one}" if out else one
        else:
            out += f"[{one.key}={one.text}]" if isinstance(one, Select) else f"[{one}]"
    return out


def _is_plain_text(line: Line, empty: Empty) -> bool:
    others = [value for value in (*empty.values, *line.absent) if isinstance(value, str) and value != ""]
    return line.converter is not None and line.converter.name == "text" and not line.translates and not others


def _fast_text(line: Line, empty: Empty) -> tuple[str, str]:
    blank = "" in empty.values or "" in line.absent
    return "v.__class__ is str and v" if blank else "v.__class__ is str", f"f[{line.names[0]!r}] = v"


def _any_of(values: tuple[Any, ...]) -> str:
    return " or ".join(_equals(value) for value in values)


def _equals(value: Any, name: str = "v") -> str:
    if value is None or isinstance(value, bool):
        return f"{name} is {value!r}"
    if isinstance(value, str):
        return f"{name} == {value!r}"
    return f"({name} == {value!r} and {name}.__class__ is not bool)"


def _is(function: _Function, wanted: Equals) -> str:
    function.emit(f"w = {function.expr(wanted.path.steps)}")
    return _equals(wanted.value, "w")


def compile_readers(table: Table) -> Readers:
    """Generate and compile the readers of one table."""
    program = _Program(table.stream, table.empty)
    elements = {line.name: f"element_{number}" for number, line in enumerate(table.lists) if not line.is_set}
    lines = {name: f"line_{number}" for number, line in enumerate(table.lines) for name in line.names}
    for one in table.lists:
        if one.name in elements:
            _element(program, one, elements[one.name], below(table.ignored, one.each))
    for number, line in enumerate(table.lines):
        _single(program, line, f"line_{number}")
    for one in table.lists:
        for number, line in enumerate(one.lines):
            _single(program, line, f"{elements[one.name]}_{number}")
            lines |= {f"{one.name}.{name}": f"{elements[one.name]}_{number}" for name in line.names}
    _record(program, table, elements)
    source = "\n".join(program.text)
    exec(compile(source, f"<mapping {table.stream}>", "exec"), program.names)  # noqa: S102 - source made from our own table, see above
    made = program.names
    return Readers(
        made["record"],
        {name: made[function] for name, function in lines.items()},
        {name: made[function] for name, function in elements.items()},
        source,
    )


def _single(program: _Program, line: Line, name: str) -> None:
    function = _Function(program, f"def {name}(doc, settings, partial, drift):")
    function.emit("f = {}")
    function.line(line)
    function.emit("return f")


def _element(program: _Program, line: ListLine, name: str, ignored: list[str]) -> None:
    function = _Function(program, f"def {name}(doc, settings, partial, drift):", f"{line.path}.")
    function.emit("f = {}")
    for one in line.lines:
        function.line(one)
    function.emit(f"i = {function.expr(line.identity.steps) if line.identity else 'None'}")
    function.drift_check(known_keys(line, ignored))
    function.emit("return Element(None if i is None or i is M else str(i), f)")


def _record(program: _Program, table: Table, elements: dict[str, str]) -> None:
    function = _Function(program, "def record(doc, settings, partial, drift, parent):")
    if table.only_when is not None:
        function.emit(f"if not ({_is(function, table.only_when)} or (partial and w is M)): return None")
    _identity(function, table)
    function.emit("f = {}; lists = {}; refs = {}; times = {}")
    function.settings.add("times")
    for line in table.lines:
        function.line(line)
    for one in table.lists:
        function.list(one, elements.get(one.name, ""))
    for ref in table.refs:
        _ref(function, ref)
    function.emit(f"changed = {function.time(table.changed_at)}")
    function.emit(f"created = {function.time(table.created_at)}")
    _version(function, table)
    function.emit(f"deleted = {_is(function, table.deleted) if table.deleted else 'False'}")
    birth = table.birth or (table.created_at.path if table.created_at else None)
    function.emit(f"birth = {function.expr(birth.steps) if birth else 'None'}")
    function.emit("birth = None if birth is None or birth is M or birth == '' else str(birth)")
    function.drift_check(known_keys(table, table.ignored))
    entity = program.const(table.entity)
    values = "f, lists, refs, version, changed, created, times, partial, deleted, birth"
    function.emit(f"return Record({entity}, {table.stream!r}, i, {values})")


def _identity(function: _Function, table: Table) -> None:
    reader = "ident_gid" if table.identity.gid else "ident"
    parts = [f"{reader}({function.expr(path.steps)}, {path.text!r})" for path in table.identity.paths]
    function.emit(f"i = {f' + {table.identity.join!r} + '.join(parts)}")


def _version(function: _Function, table: Table) -> None:
    if table.version is None:
        function.emit("version = None")
        return
    bad = function.program.drift(table.version.text)
    function.emit(f"version = read_version({function.expr(table.version.steps)}, drift, {bad})")


def _ref(function: _Function, ref: RefLine) -> None:
    if ref.path is None:
        function.emit(f"if parent is not None: refs[{ref.name!r}] = Ref(parent.stream, parent.external_id)")
        return
    function.emit(f"v = {function.expr(ref.path.steps)}")
    bad = function.program.drift(ref.path.text)
    function.emit(f"v = v if v is M else read_ref(v, {ref.stream!r}, {ref.gid!r}, drift, {bad})")
    function.emit(f"if v is not M: refs[{ref.name!r}] = v")
