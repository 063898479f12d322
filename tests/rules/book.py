"""The book of rules: what each says, the lines that keep it, and how each line is broken. Read from rules.yaml."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
BOOK = Path(__file__).with_name("rules.yaml")
_CITED = re.compile(r"\bRules? (\d+\.\d+(?:(?:, | and )\d+\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Mark:
    """One line that keeps a rule, and what breaking it makes of it. `old` is an exact piece of source, once in its file."""

    file: str
    old: str
    new: str
    case: str

    def path(self) -> Path:
        """Return where its file is in this tree."""
        return ROOT / self.file

    def line(self) -> int:
        """Return the number of the line where `old` starts, from 1."""
        text = self.path().read_text(encoding="utf-8")
        return text[: text.index(self.old)].count("\n") + 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its number, one sentence for people, its marks and its case (a pytest node id)."""

    number: str
    says: str
    marks: tuple[Mark, ...]
    case: str


@dataclass(frozen=True, slots=True)
class Open:
    """A rule of the design that nothing keeps yet, and why."""

    section: int
    says: str
    reason: str


@dataclass(frozen=True, slots=True)
class Book:
    """All rules in order, and what is still open."""

    rules: tuple[Rule, ...]
    open: tuple[Open, ...]


def in_order(number: str) -> tuple[int, int]:
    """Return what sorts `2.9` before `2.10`."""
    section, _, rest = number.partition(".")
    return int(section), int(rest)


@cache
def read_book() -> Book:
    """Return the book of rules."""
    found: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load(BOOK.read_text(encoding="utf-8"))
    return Book(tuple(_rule(**each) for each in found["rules"]), tuple(Open(**each) for each in found["open"]))


def _rule(rule: str, says: str, marks: list[dict[str, str]], case: str) -> Rule:
    return Rule(rule, says, tuple(Mark(**{"case": case, **mark}) for mark in marks), case)


def cited_in(text: str) -> set[str]:
    """Return the numbers of the rules that a piece of source cites."""
    return {number for group in _CITED.findall(text) for number in re.findall(r"\d+\.\d+", group)}


def place_of(mark: Mark) -> str:
    """Return the source of the function (or class, or module) around a mark."""
    text = mark.path().read_text(encoding="utf-8")
    line = mark.line()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    around = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds) and _holds(node, line)]
    if not around:
        return text
    inner = max(around, key=lambda node: node.lineno)
    return "\n".join(text.splitlines()[inner.lineno - 1 : inner.end_lineno])


def _holds(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)
