"""House style as law: sizes, names, citations, nothing left over. A rule without a check is a wish."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from hub.events import Event

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path for folder in ("hub", "connectors", "demo") for path in (ROOT / folder).rglob("*.py"))
CODE = [path for path in SHIPPED if "migrations" not in path.parts]
LONGEST_FUNCTION = 70
LONGEST_MODULE = 400
BANNED_NAMES = {"utils", "helpers", "common", "manager", "misc", "util", "helper"}
BANNED_CALLS = {
    "datetime.now",
    "datetime.utcnow",
    "time.time",
    "time.sleep",
    "uuid4",
    "uuid.uuid4",
    "random.random",
    "time.monotonic",
}
DOORS = {"hub/clock.py"}
INVARIANTS = 14


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_module_stays_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_functions_stay_short(path: Path) -> None:
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > LONGEST_FUNCTION]
    assert too_long == []


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_module_has_a_telling_name(path: Path) -> None:
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("path", [path for path in CODE if shown(path) not in DOORS], ids=shown)
def test_time_and_chance_come_through_one_door(path: Path) -> None:
    calls = {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    assert calls & BANNED_CALLS == set()


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_nothing_is_left_over(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"#.*\b(?:TODO|FIXME|XXX|HACK)\b", text) == []


def test_every_package_says_what_goes_in_and_out() -> None:
    packages = [path for path in (ROOT / "hub").rglob("__init__.py") if "migrations" not in path.parts]
    silent = [shown(path) for path in packages if not ast.get_docstring(tree(path))]
    assert silent == []


def test_every_invariant_is_cited_where_it_is_kept() -> None:
    cited = {int(number) for path in CODE for number in re.findall(r"Invariant (\d+)", path.read_text(encoding="utf-8"))}
    assert cited <= set(range(1, INVARIANTS + 1))
    assert {1, 2, 3, 5, 6, 8, 10, 12, 14} <= cited


def test_every_event_is_logged_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SHIPPED if path.name != "events.py")
    unused = [event.name for event in Event if f"Event.{event.name}" not in text]
    assert unused == []
