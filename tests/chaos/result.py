"""What came of one kind of chaos, as a line of the table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

COLUMNS = ("kind", "times", "checked", "result", "seconds")


@dataclass(frozen=True, slots=True)
class Row:
    """One kind. `times`: how often it was done; `wrong`: what did not hold, in words; `facts`: figures beside it."""

    kind: str
    times: int
    checked: str
    wrong: tuple[str, ...]
    seconds: float
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """Return one word, or what is wrong."""
        return "ok" if not self.wrong else f"{len(self.wrong)} wrong: {self.wrong[0]}"

    def as_doc(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self) | {"wrong": list(self.wrong), "result": "ok" if not self.wrong else "wrong"}


def render(rows: list[Row]) -> str:
    """Return the table as Markdown: it is printed, and stands in docs/reference/chaos.md."""
    lines = [[row.kind, f"{row.times:,}", row.checked, row.result, f"{row.seconds:.0f}"] for row in rows]
    wide = [max(len(line[at]) for line in [list(COLUMNS), *lines]) for at in range(len(COLUMNS))]
    body = [" | ".join(text.ljust(width) for text, width in zip(line, wide, strict=True)) for line in [list(COLUMNS), *lines]]
    rule = " | ".join("-" * width for width in wide)
    return "\n".join(f"| {line} |" for line in [body[0], rule, *body[1:]])
