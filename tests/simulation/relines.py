"""What a mapping line that was taken out and put back does to what a system said (DESIGN section 2, "A changed mapping").

While it is out, its system says nothing; once it is back, what the system shows then is a seed, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.model.values import Micros
from hub.sdk.fake import Entry
from tests.simulation.habits import meant
from tests.simulation.lives import Edit, Life
from tests.simulation.office import Act, Office

UNSURE = "perhaps read only after its line was back"


def reline(office: Office, edits: Sequence[Edit], lives: Iterable[Life], path: str, low_us: Micros) -> list[Edit]:
    """Return who says what about a path, after all that happened to its mapping lines."""
    kept = list(edits)
    for life in lives:
        back = [act for act in office.of("line") if act.about == f"{life.remote.name}/{_head(path)}" and act.value == "in"]
        if back:
            kept = _put_back(kept, life, path, back[-1], low_us)
    return kept


def is_out(office: Office, life: Life, path: str) -> bool:
    """Say whether nothing of a path is read or written there now."""
    return (life.remote.name, _head(path)) in office.dropped


def was_out(office: Office, lives: Iterable[Life], path: str) -> bool:
    """Say whether the line of a path was ever taken out for one of these records."""
    lines = {f"{life.remote.name}/{_head(path)}" for life in lives}
    return any(act.about in lines for act in office.of("line"))


def _head(path: str) -> str:
    return path.partition("/")[0]


def _put_back(edits: list[Edit], life: Life, path: str, back: Act, low_us: Micros) -> list[Edit]:
    kept = [edit for edit in edits if edit.life is not life]
    for edit in (edit for edit in edits if edit.life is life and edit.entry.at > back.asked):
        edit.on = None  # what it stood on was forgotten with the line
        edit.lo = min(edit.lo, (edit.entry.detail.get("source_us") or edit.entry.at) + low_us)
        kept.append(edit)
    before = [
        entry for entry in life.entries if entry.at <= back.done and entry.action != "delete" and path in entry.detail["now"]
    ]
    for entry in reversed(before):
        sure = life.seen_by(entry.at) <= back.asked and life.died_at > back.done
        kept += _seeds(life, path, entry, sure=sure and entry is before[-1])
        if sure:
            break
        for edit in (edit for edit in edits if edit.life is life and edit.entry is entry):
            edit.optional = edit.optional or UNSURE
            kept += [edit] * (edit not in kept)
    return kept


def _seeds(life: Life, path: str, entry: Entry, *, sure: bool) -> list[Edit]:
    value = meant(path, entry.detail["now"][path])
    return [] if value is None else [Edit(life, path, value, entry, seed=True, optional="" if sure else UNSURE)]
