"""What counts as a small fault: the places of a module where one can be put, and the putting.

The set is that of the usual tools (cosmic-ray's and mutmut's operators), without those that any test would notice (an argument
replaced by nothing) and those that change no behaviour: annotations, decorators, docstrings, the words of f-strings.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
METHODS = {"lower": "upper", "upper": "lower", "startswith": "endswith", "endswith": "startswith", "partition": "rpartition"}
SILENT = {"annotation", "returns", "decorator_list", "bases", "type_params", "pattern"}
LARGE = 100  # a microsecond more is no fault
TYPED = {"TypeVar", "NewType", "cast", "TypeAlias"}


@dataclass(slots=True)
class Place:
    """Where a fault can be put. `lines`: the first and last line of its statement. `at_import`: not in the body of a function."""

    function: str
    line: int
    lines: tuple[int, int]
    before: str
    after: str
    at_import: bool
    put: Callable[[], None]


def find_places(tree: ast.Module) -> list[Place]:
    """Return every place of a module, in the order of its lines. `put` changes the tree that was given."""
    return sorted(_Search().look(tree), key=lambda place: place.line)


class _Search:
    def __init__(self) -> None:
        self.names: list[str] = []
        self.functions = 0
        self.statement: tuple[int, int] = (1, 1)

    def look(self, parent: ast.AST, *, without: str = "") -> Iterator[Place]:
        for field, value in ast.iter_fields(parent):
            if field in SILENT or field == without:
                continue
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.AST) and not _says_nothing(node):
                    yield from self._slot(parent, field, index, node)

    def _slot(self, parent: ast.AST, field: str, index: int | None, node: ast.AST) -> Iterator[Place]:
        outer = self.statement
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            self.statement = (node.lineno, body[0].lineno - 1 if body else node.end_lineno or node.lineno)
            self.statement = (self.statement[0], max(self.statement))
        for other in _others(parent, field, node):
            yield self._place(node, ast.unparse(other), _setter(parent, field, index, other))
        yield from self._inside(node)
        yield from self._within(node)
        self.statement = outer

    def _within(self, node: ast.AST) -> Iterator[Place]:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        self.names += [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
        runs = isinstance(node, ast.FunctionDef | ast.Lambda)
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            yield from self.look(node.args)  # defaults are reckoned where the function is made
        self.functions += runs
        yield from self.look(node, without="args" if runs else "")
        self.functions -= runs
        self.names = self.names[:-1] if named else self.names

    def _inside(self, node: ast.AST) -> Iterator[Place]:
        """Faults that change a part of a node which is no node of its own."""
        if isinstance(node, ast.Compare):
            for at, op in enumerate(node.ops):
                yield self._changed(node, node.ops, at, COMPARED[type(op)]())
        elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in RECKONED:
            yield self._changed(node, node.__dict__, "op", RECKONED[type(node.op)]())
        elif isinstance(node, ast.BoolOp):
            yield self._changed(node, node.__dict__, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        elif isinstance(node, ast.comprehension):
            for at in range(len(node.ifs)):
                yield self._changed(node, node.ifs, at, ast.copy_location(ast.Constant(value=True), node.ifs[at]))
        elif isinstance(node, ast.Call):
            yield from self._call(node)

    def _call(self, node: ast.Call) -> Iterator[Place]:
        for at, keyword in enumerate(node.keywords):
            if keyword.arg is not None:
                kept = node.keywords[:at] + node.keywords[at + 1 :]
                yield self._changed(node, node.__dict__, "keywords", kept)
        if isinstance(node.func, ast.Name) and node.func.id in NAMES:
            yield self._changed(node, node.func.__dict__, "id", NAMES[node.func.id])
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            yield self._changed(node, node.func.__dict__, "attr", METHODS[node.func.attr])

    def _changed(self, node: Any, holder: Any, at: Any, other: Any) -> Place:
        before, kept = ast.unparse(node), holder[at]
        holder[at] = other
        after = ast.unparse(node)
        holder[at] = kept
        return self._place(node, after, lambda: holder.__setitem__(at, other), before)

    def _place(self, node: Any, after: str, put: Callable[[], None], before: str = "") -> Place:
        line = getattr(node, "lineno", self.statement[0])
        name = ".".join(self.names) or "the module"
        return Place(name, line, self.statement, before or ast.unparse(node), after, not self.functions, put)


def _setter(parent: Any, field: str, index: int | None, other: ast.AST) -> Callable[[], None]:
    def put() -> None:
        if index is None:
            setattr(parent, field, other)
        else:
            getattr(parent, field)[index] = other

    return put


def _says_nothing(node: ast.AST) -> bool:
    """Docstrings, imports, invariants and the words of messages change no behaviour."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in TYPED
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Assert | ast.JoinedStr)


def _others(parent: ast.AST, field: str, node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    found: list[ast.AST] = []
    if isinstance(node, ast.Constant):
        found = [ast.Constant(value=other) for other in _other_values(node.value)]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        found = [node.operand]
    elif isinstance(node, ast.stmt):
        found = _other_statements(node)
    elif field == "test" and isinstance(parent, ast.If | ast.IfExp | ast.While) and _is_plain(node):
        found = [ast.UnaryOp(op=ast.Not(), operand=node)]
    for other in found:
        yield ast.fix_missing_locations(ast.copy_location(other, node))


def _is_plain(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.NamedExpr)


def _other_values(value: object) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1 if abs(value) < LARGE else value * 2]
    if isinstance(value, str):
        return [f"XX{value}XX" if value else "XX"]
    return [b"XX" + value] if isinstance(value, bytes) else []


def _other_statements(node: ast.stmt) -> list[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return [ast.Pass()]
    if isinstance(node, ast.Assign) and all(_is_kept(target) for target in node.targets):
        return [ast.Pass()]
    if isinstance(node, ast.AugAssign):
        return [ast.Assign(targets=[node.target], value=node.value)]
    if isinstance(node, ast.Raise | ast.Delete):
        return [ast.Pass()]
    if isinstance(node, ast.Break | ast.Continue):
        return [ast.Continue() if isinstance(node, ast.Break) else ast.Break()]
    return []


def _is_kept(target: ast.expr) -> bool:
    """Whether an assignment can be left out without making a name unknown."""
    if isinstance(target, ast.Tuple):
        return all(_is_kept(part) for part in target.elts)
    return isinstance(target, ast.Attribute | ast.Subscript)
