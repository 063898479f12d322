"""Write docs/explanation/rules.md from rules.yaml: `python -m tests.rules.write`."""

from __future__ import annotations

from tests.rules.book import ROOT, Book, Mark, Rule, read_book

PAGE = ROOT / "docs" / "explanation" / "rules.md"
TITLES = {
    2: "Claims: how an edit is told from an echo",
    6: "What belongs where, and delivery",
    7: "Stock",
}
HEAD = """# The rules

The [design](design.md) says in its sections 2, 6 and 7 how the hub decides. Here every rule that the code keeps has a number, the
places that keep it (they cite it: `# Rule 2.4`) and a case that shows it. `make mutate` breaks each place once, in a copy, and
the case named with it goes red; shipped code has no switch for that.

This page is written by `python -m tests.rules.write` from `tests/rules/rules.yaml`. Numbers are names: one that was given is not
given again, and the next rule of a section gets the next number. What the mapping language keeps (empty, absent, lossy lines) is
said and shown in its [reference](../reference/mapping-language.md).
"""


def page(book: Book) -> str:
    """Return the whole page."""
    parts = [HEAD]
    for section, title in TITLES.items():
        parts.append(f"\n## Section {section}. {title}\n")
        parts += [_shown(rule) for rule in book.rules if rule.number.startswith(f"{section}.")]
    parts.append("\n## Not kept yet\n\nWhat the design says and nothing enforces today, with the reason.\n\n")
    parts += [f"* Section {each.section}: {each.says} *{each.reason}*\n" for each in book.open]
    return "".join(parts)


def _shown(rule: Rule) -> str:
    lines = [f"\n### Rule {rule.number}\n\n{rule.says}\n\n"]
    lines += [_broken(rule, mark) for mark in rule.marks]
    lines.append(f"* Case: `{rule.case}`\n")
    return "".join(lines)


def _broken(rule: Rule, mark: Mark) -> str:
    other = f"; shown by `{mark.case}`" if mark.case != rule.case else ""
    return f"* Kept in `{mark.file}`: `{_one_line(mark.old)}` (broken: `{_one_line(mark.new) or 'left out'}`){other}\n"


def _one_line(source: str) -> str:
    return " ".join(source.split())


if __name__ == "__main__":
    PAGE.write_text(page(read_book()), encoding="utf-8")
