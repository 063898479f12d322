"""What the faults are: a module in, its mutants out."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.__main__ import wilson
from tests.mutants.operators import find_places


def faults(source: str) -> list[str]:
    """Return the module, broken at each of its places in turn."""
    found = []
    for index in range(len(find_places(ast.parse(source)))):
        tree = ast.parse(source)
        find_places(tree)[index].put()
        found.append(ast.unparse(ast.fix_missing_locations(tree)))
    return found


@pytest.mark.parametrize(
    ("source", "mutants"),
    [
        ("a < b", ["a <= b"]),
        ("a is None", ["a is not None"]),
        ("a and b", ["a or b"]),
        ("not a", ["a"]),
        ("a + 1", ["a - 1", "a + 2"]),
        ("a = 86400", ["a = 172800"]),
        ("a = True", ["a = False"]),
        ("a = ''", ["a = 'XX'"]),
        ("a += b", ["a = b", "a -= b"]),
        ("f(a)", ["pass"]),
        ("a = f(b, c=d)", ["a = f(b)"]),
        ("a = max(b)", ["a = min(b)"]),
        ("a = b.startswith(c)", ["a = b.endswith(c)"]),
        ("a.b = c", ["pass"]),
        ("raise A", ["pass"]),
        ("a = [b for b in c if d]", ["a = [b for b in c if True]"]),
        ("a = b if c else d", ["a = b if not c else d"]),
        ("a = lambda: 1", ["a = lambda: 2"]),
        ("a: b = f'{c} words'", []),
        ("'''What it says'''", []),
        ("import a", []),
        ("assert a is not None", []),
    ],
)
def test_find_places_gives_the_usual_faults_when_asked_for_a_line(source: str, mutants: list[str]) -> None:
    assert faults(source) == mutants


def test_find_places_tells_what_acts_at_import_when_it_is_no_functions_body() -> None:
    places = find_places(ast.parse("A = 1\ndef f(a=2):\n    return 3\nclass B:\n    c = 4\n    def d(self):\n        return 5\n"))
    assert [(place.function, place.line, place.at_import) for place in places] == [
        ("the module", 1, True),
        ("f", 2, True),
        ("f", 3, False),
        ("B", 5, True),
        ("B.d", 7, False),
    ]


def test_wilson_gives_the_bounds_of_a_share() -> None:
    assert [round(bound, 3) for bound in wilson(90, 100)] == [0.826, 0.945]
